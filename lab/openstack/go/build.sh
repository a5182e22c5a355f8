# shellcheck shell=bash disable=SC2034
# Clients that are written in Go, built from their modules once and kept in the lab's cache: OpenTofu with the OpenStack
# provider of Terraform, and gophercloud's acceptance tests.
# Sourced by install.sh, terraform.sh and gophercloud.sh after services/settings.sh.

GO_VERSION=1.26.8
TOFU_VERSION=1.12.6
PROVIDER_VERSION=3.4.0
GOPHERCLOUD_VERSION=2.16.0
TERRAFORM=$CACHE/terraform-$TOFU_VERSION-$PROVIDER_VERSION # tofu and its provider
GOPHERCLOUD=$CACHE/gophercloud-$GOPHERCLOUD_VERSION        # a program for each package of tests

export GOFLAGS=-mod=mod

# A Go that is too old (Debian 12's) has a newer one brought as a module.
new_go() { # new_go DIRECTORY -> the program
  local arch toolchain
  if go version | grep -qE 'go1\.(2[6-9]|[3-9][0-9])'; then command -v go; return; fi
  arch=$(go env GOARCH)
  toolchain=$(module_source go "$1" golang.org/toolchain "0.0.1-go$GO_VERSION.linux-$arch")
  cp -r "$toolchain" "$1/go"
  chmod -R u+w "$1/go"; chmod +x "$1"/go/bin/* "$1"/go/pkg/tool/*/*
  echo "$1/go/bin/go"
}
module_source() ( # module_source GO DIRECTORY MODULE VERSION -> the directory
  cd "$2" && "$1" mod download -json "$3@v$4" | jq -r .Dir
)
# As its main module: OpenTofu replaces a module that it needs, which `go install` refuses.
in_module() { # in_module GO DIRECTORY MODULE VERSION ARGUMENTS... : a command of GO in the module's source
  local go=$1 work=$2 source
  source=$(module_source "$1" "$2" "$3" "$4"); shift 4
  rm -rf "$work/source"; cp -r "$source" "$work/source"; chmod -R u+w "$work/source"
  (cd "$work/source" && "$go" "$@")
}
build_once() { # build_once TARGET_DIRECTORY FUNCTION : FUNCTION GO WORK_DIRECTORY fills WORK_DIRECTORY/out
  local work started=$SECONDS
  [ ! -d "$1" ] || return 0
  mkdir -p "$CACHE"
  work=$(mktemp -d "$CACHE/go.XXXXXX")
  mkdir "$work/out"
  "$2" "$(new_go "$work")" "$work"
  mv "$work/out" "$1"
  chmod -R u+w "$work"; rm -rf "$work"
  say "$(basename "$1") is built after $((SECONDS - started)) s"
}

terraform_programs() { # terraform_programs GO DIRECTORY
  in_module "$1" "$2" github.com/opentofu/opentofu "$TOFU_VERSION" build -trimpath -o "$2/out/tofu" ./cmd/tofu
  in_module "$1" "$2" github.com/terraform-provider-openstack/terraform-provider-openstack/v3 "$PROVIDER_VERSION" \
    build -trimpath -o "$2/out/terraform-provider-openstack" .
}
gophercloud_programs() { # gophercloud_programs GO DIRECTORY : compute_v2.test and so on
  local path tests=$2/source/internal/acceptance/openstack
  in_module "$1" "$2" github.com/gophercloud/gophercloud/v2 "$GOPHERCLOUD_VERSION" version
  while read -r path; do
    (cd "$2/source" && "$1" test -c -tags acceptance -o "$2/out/${path//\//_}.test" "./internal/acceptance/openstack/$path")
  done < <(cd "$tests" && find compute/v2 blockstorage/v3 networking/v2 image/v2 identity/v3 placement/v1 -name '*_test.go' -printf '%h\n' | sort -u)
}
build_terraform()   { build_once "$TERRAFORM" terraform_programs; }
build_gophercloud() { build_once "$GOPHERCLOUD" gophercloud_programs; }
