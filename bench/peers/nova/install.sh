#!/usr/bin/env bash
# Installs nova-api 26.2 (Zed) and MariaDB from Debian 12's packages; root. Starts nothing.
exec "$(dirname "${BASH_SOURCE[0]}")/../../../lab/openstack/install.sh" nova-api
