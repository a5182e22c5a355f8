# shellcheck shell=bash disable=SC2034
# OpenTofu and the OpenStack provider of Terraform, built from their Go modules once, and kept in the lab's cache.
# Sourced by install.sh and terraform.sh after services/settings.sh.

GO_VERSION=1.26.8
TOFU_VERSION=1.12.6
PROVIDER_VERSION=3.4.0
TOFU=$CACHE/terraform-$TOFU_VERSION-$PROVIDER_VERSION/tofu
PROVIDER=$CACHE/terraform-$TOFU_VERSION-$PROVIDER_VERSION/terraform-provider-openstack

# A Go that is old (Debian 12's) has a newer one brought as a module.
new_go() { # new_go DIRECTORY -> the program
  local arch toolchain
  if go version | grep -qE 'go1\.(2[6-9]|[3-9][0-9])'; then command -v go; return; fi
  arch=$(go env GOARCH)
  toolchain=$(cd "$1" && GOFLAGS=-mod=mod go mod download -json "golang.org/toolchain@v0.0.1-go$GO_VERSION.linux-$arch" | jq -r .Dir)
  cp -r "$toolchain" "$1/go"
  chmod -R u+w "$1/go"; chmod +x "$1"/go/bin/* "$1"/go/pkg/tool/*/*
  echo "$1/go/bin/go"
}
# As its main module: OpenTofu replaces a module that it needs, which `go install` refuses.
build_module() { # build_module GO DIRECTORY MODULE VERSION PACKAGE OUTPUT
  local source
  source=$(cd "$2" && GOFLAGS=-mod=mod "$1" mod download -json "$3@v$4" | jq -r .Dir)
  rm -rf "$2/source"; cp -r "$source" "$2/source"; chmod -R u+w "$2/source"
  (cd "$2/source" && GOFLAGS=-mod=mod "$1" build -trimpath -o "$6" "$5")
  rm -rf "$2/source"
}
build_terraform() {
  local work go started=$SECONDS
  if [ -x "$TOFU" ] && [ -x "$PROVIDER" ]; then return; fi
  mkdir -p "$CACHE"
  work=$(mktemp -d "$CACHE/terraform.XXXXXX")
  go=$(new_go "$work")
  build_module "$go" "$work" github.com/opentofu/opentofu "$TOFU_VERSION" ./cmd/tofu "$work/tofu"
  build_module "$go" "$work" github.com/terraform-provider-openstack/terraform-provider-openstack/v3 \
    "$PROVIDER_VERSION" . "$work/terraform-provider-openstack"
  mkdir -p "$(dirname "$TOFU")"
  mv "$work/tofu" "$work/terraform-provider-openstack" "$(dirname "$TOFU")"
  rm -rf "$work"
  say "OpenTofu $TOFU_VERSION and its provider $PROVIDER_VERSION are built after $((SECONDS - started)) s"
}
