"""Prints the request schemas of the Nova or Cinder that is installed, as `packages/openstack-adapter/src/schemas/*.json` have them.

    python3 test/calibration/dump-schemas.py nova > packages/openstack-adapter/src/schemas/nova-zed.json
    python3 test/calibration/dump-schemas.py nova response > test/calibration/nova-responses.json

Each route has rows [first minor, last minor or null, number of the schema]; schemas are kept once each.
"""
import functools
import importlib
import inspect
import json
import pkgutil
import sys

service = sys.argv[1]
kinds = sys.argv[2:] or ['query', 'body']
validation = importlib.import_module(f'{service}.api.validation')
found = {}


def key_of(func):
    return f'{func.__module__}.{func.__qualname__}'


def recording(kind):
    def decorator(schema, min_version=None, max_version=None, **_):
        def add(func):
            found.setdefault(key_of(func), []).append([kind, schema, min_version, max_version, func])
            return func
        return add
    return decorator


validation.schema = recording('body')
validation.query_schema = recording('query')
if service == 'nova':
    validation.response_body_schema = recording('response')

if service == 'cinder':
    from cinder import objects

    objects.register_all()
wsgi = importlib.import_module(f'{service}.api.openstack.wsgi')
# A function of the module since 2025.1, of the class before.
versioned = wsgi if hasattr(wsgi, 'api_version') else wsgi.Controller
api_version = versioned.api_version


def ranged(min_ver, max_ver=None, *args, **kwargs):
    """A method of some versions has schemas of those."""
    decorate = api_version(min_ver, max_ver, *args, **kwargs)

    def add(func):
        for row in found.get(key_of(func), []):
            # Decorators in between (expected_errors) wrap it.
            if inspect.unwrap(row[4]) is inspect.unwrap(func):
                row[2] = row[2] or min_ver
                row[3] = row[3] or max_ver
        return decorate(func)
    return add


versioned.api_version = ranged
schemas = []
numbers = {}


def without_source(value):
    """The schema as data, in the draft that ajv reads."""
    if isinstance(value, dict):
        out = {key: without_source(inner) for key, inner in value.items()}
        if isinstance(out.get('properties'), dict):  # some schemas have `type` or `additionalProperties` among them
            out['properties'] = {k: v for k, v in out['properties'].items() if isinstance(v, dict)}
        for bound in ('minimum', 'maximum'):
            strict = 'exclusive' + bound.capitalize()
            if out.get(strict) is True:
                out[strict] = out.pop(bound)
            elif out.get(strict) is False:
                del out[strict]
        # Formats of the same name mean other things to Cinder than to Nova.
        if service == 'cinder' and out.get('format') not in (None, 'uuid', 'base64', 'date-time'):
            out['format'] = f'cinder {out["format"]}'
        return out
    if isinstance(value, (list, tuple)):
        return [without_source(inner) for inner in value]
    if isinstance(value, set):
        return sorted(value)
    return value


def number_of(schema):
    text = json.dumps(without_source(schema), sort_keys=False)
    if text not in numbers:
        numbers[text] = len(schemas)
        schemas.append(json.loads(text))
    return numbers[text]


def minor(version):
    return None if version in (None, '') else int(str(version).split('.')[1])


def rows(names, kind):
    out = []
    for name in names:
        for what, schema, least, most, _ in found.get(name, []):
            if what == kind:
                out.append([minor(least) or 0, minor(most), number_of(schema)])
    return sorted(out, key=lambda row: row[0])


routes = {}


def add(method, path, names):
    for kind in kinds:
        found_rows = rows(names, kind)
        if found_rows:
            routes.setdefault(f'{method} {path}', {})[kind] = found_rows


def names_of(cls, method):
    """Every version of a method: they have one name, and follow each other in the class."""
    return [key for key in found if key.endswith(f'{cls.__module__}.{cls.__qualname__}.{method}')]


if service == 'nova':
    from nova.api.openstack.compute import routes as nova_routes

    for path, methods in nova_routes.ROUTE_LIST:
        # Proxies that nobody has under these names.
        if isinstance(methods, str) or path.startswith(('/os-volumes', '/os-snapshots', '/images')):
            continue
        for method, (factory, action) in methods.items():
            controllers = [factory.args[0]] + list(factory.args[1]) if factory.args else []
            classes = [c for c in controllers]
            if action == 'action':
                for cls in classes:
                    for name, func in inspect.getmembers(cls, inspect.isfunction):
                        word = getattr(func, 'wsgi_action', None)
                        if word and f'#{word}' not in ('#create', '#update', '#delete'):
                            add(method, f'{path}#{word}', names_of(cls, name))
            else:
                for cls in classes:
                    name = getattr(cls, 'wsgi_actions', {}).get(action, action)
                    if hasattr(cls, name):
                        # What a method calls for all its versions has their schemas.
                        add(method, path, names_of(cls, name) + names_of(cls, f'_{name}'))
                        break
else:
    import cinder.api.contrib as contrib
    import cinder.api.v3 as v3

    for package in (v3, contrib):
        for info in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):
            importlib.import_module(info.name)
    # Routes are made from the names of controllers; these are the ones that have schemas.
    paths = {
        'attachments.AttachmentsController': '/attachments', 'backups.BackupsController': '/backups',
        'default_types.DefaultTypesController': '/default-types', 'group_snapshots.GroupSnapshotsController': '/group_snapshots',
        'group_specs.GroupTypeSpecsController': '/group_types/{type}/group_specs', 'group_types.GroupTypesController': '/group_types',
        'groups.GroupsController': '/groups', 'snapshot_manage.SnapshotManageController': '/manageable_snapshots',
        'snapshots.SnapshotsController': '/snapshots', 'volume_manage.VolumeManageController': '/manageable_volumes',
        'volume_metadata.Controller': '/volumes/{volume}/metadata', 'volume_transfer.VolumeTransferController': '/volume-transfers',
        'volumes.VolumeController': '/volumes', 'admin_actions.VolumeAdminController': '/volumes',
        'admin_actions.SnapshotAdminController': '/snapshots', 'admin_actions.BackupAdminController': '/backups',
        'qos_specs_manage.QoSSpecsController': '/qos-specs', 'quota_classes.QuotaClassSetsController': '/os-quota-class-sets',
        'quotas.QuotaSetsController': '/os-quota-sets', 'snapshot_actions.SnapshotActionsController': '/snapshots',
        'types_extra_specs.VolumeTypeExtraSpecsController': '/types/{type}/extra_specs',
        'types_manage.VolumeTypesManageController': '/types', 'volume_actions.VolumeActionsController': '/volumes',
        'volume_image_metadata.VolumeImageMetadataController': '/volumes', 'volume_type_access.VolumeTypeActionController': '/types',
        'services.ServiceController': '/os-services', 'volume_type_encryption.VolumeTypeEncryptionController': '/types/{type}/encryption',
        'clusters.ClusterController': '/clusters', 'workers.WorkerController': '/workers',
    }
    routes_of = {
        'create': ['POST {path}'], 'update': ['PUT {path}/{{id}}'], 'update_all': ['PUT {path}'],
        'create_update': ['PUT {path}/{{id}}'], 'restore': ['POST {path}/{{id}}/restore'],
        'import_record': ['POST {path}/import_record'], 'accept': ['POST {path}/{{id}}/accept'],
        'delete_keys': ['PUT {path}/{{id}}/delete_keys'], 'action create': ['POST {path}'], 'action update': ['PUT {path}/{{id}}'],
        'cleanup': ['POST {path}/cleanup'], '_enable': ['PUT {path}/enable'], '_disable': ['PUT {path}/disable'],
        '_disabled_log_reason': ['PUT {path}/disable-log-reason'], '_freeze': ['PUT {path}/freeze'], '_thaw': ['PUT {path}/thaw'],
        '_failover': ['PUT {path}/failover', 'PUT {path}/failover_host'], '_set_log': ['PUT {path}/set-log'],
        '_get_log': ['PUT {path}/get-log'], '_enable_cluster': ['PUT {path}/enable'], '_disable_cluster': ['PUT {path}/disable'],
    }
    for name in sorted(found):
        module, cls, method = name.rsplit('.', 2)
        target = getattr(importlib.import_module(module), cls)
        word = getattr(getattr(target, method, None), 'wsgi_action', None)
        path = paths.get(f'{module.split(".")[-1]}.{cls}')
        if path is None:
            continue
        what = f'action {word}' if word else method
        patterns = ['POST {path}/{{id}}/action#os-reset_status'] if method == 'validate_update' else routes_of.get(what)
        for pattern in patterns or ([f'POST {{path}}/{{{{id}}}}/action#{word}'] if word else []):
            http, below = pattern.format(path=path).split(' ', 1)
            add(http, below, [name])

json.dump({'routes': routes, 'schemas': schemas}, sys.stdout, separators=(',', ':'))
