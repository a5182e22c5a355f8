"""Prints who may do what by the default policies of the services that Python finds, as JSON.

    PYTHONPATH=... python3 test/policies/extract.py zed > test/policies/zed.json

Needs oslo.policy, neutron-lib and the packages nova, cinder, glance, neutron and placement, or their unpacked wheels on
PYTHONPATH (of 2026.1: nova 33, cinder 28, glance 32, neutron 28 with an emptied neutron/__init__.py, placement 15). Nothing
is started. In Zed the old defaults hold beside the new ones; since 2026.1 the new ones alone. For each operation that a rule
names: the weakest role that may do it in its own project, and "service" where the role of that name alone may, too.
"""
import importlib
import json
import sys
import warnings

from oslo_config import cfg
from oslo_policy import policy

SERVICES = {
    "compute": "nova.policies",
    "volume": "cinder.policies",
    "image": "glance.policies",
    "network": "neutron.conf.policies",
    "placement": "placement.policies",
}
# Roles imply each other: who is a manager is a member and a reader.
ROLES = {
    "reader": ["reader"],
    "member": ["member", "reader"],
    "manager": ["manager", "member", "reader"],
    "admin": ["admin", "manager", "member", "reader"],
}
PROJECT, USER = "p" * 32, "u" * 32
TARGET = {
    name: PROJECT
    for name in (
        "project_id", "tenant_id", "owner", "target.project.id", "network:tenant_id", "network:project_id",
        "ext_parent:tenant_id", "ext_parent:project_id", "ext_parent_network:tenant_id", "member_id",
    )
}
TARGET.update({"user_id": USER, "target.user.id": USER})


def enforcer_of(module, new_defaults):
    conf = cfg.ConfigOpts()
    conf([], project="none")
    enforcer = policy.Enforcer(conf, policy_file="none.yaml")
    conf.set_override("enforce_new_defaults", new_defaults, group="oslo_policy")
    # (Since 2026.2 there is no way not to enforce it. All personas here are of a project, whose rules all of these are.)
    if "enforce_scope" in conf.oslo_policy:
        conf.set_override("enforce_scope", False, group="oslo_policy")
    enforcer.suppress_default_change_warnings = True
    enforcer.suppress_deprecation_warnings = True
    rules = list(importlib.import_module(module).list_rules())
    enforcer.register_defaults(rules)
    enforcer.load_rules()
    return enforcer, rules


def may(enforcer, name, roles):
    creds = {
        "roles": roles, "project_id": PROJECT, "tenant_id": PROJECT, "user_id": USER,
        "is_admin_project": True, "is_admin": "admin" in roles, "system_scope": None, "service_roles": [],
    }
    return enforcer.enforce(name, dict(TARGET), creds)


def weakest(enforcer, name):
    return next((persona for persona, roles in ROLES.items() if may(enforcer, name, roles)), "nobody")


def main(release):
    found = {}
    for service, module in SERVICES.items():
        enforcer, rules = enforcer_of(module, release != "zed")
        rows = found[service] = []
        for rule in rules:
            if not isinstance(rule, policy.DocumentedRuleDefault):
                continue
            persona = weakest(enforcer, rule.name)
            service = ["service"] if release not in ("zed", "2026.1") and may(enforcer, rule.name, ["service"]) else []
            for operation in rule.operations:
                methods = operation["method"]
                for method in [methods] if isinstance(methods, str) else methods:
                    rows.append([method.upper(), operation["path"], rule.name, persona, *service])
        rows.sort()
    lines = {
        service: ",\n".join("    " + json.dumps(row) for row in rows) for service, rows in found.items()
    }
    print("{\n" + ",\n".join(f'  "{service}": [\n{rows}\n  ]' for service, rows in lines.items()) + "\n}")


warnings.simplefilter("ignore")
main(sys.argv[1])
