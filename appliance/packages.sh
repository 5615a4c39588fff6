# Sourced by appliance/run and tests/run: installs Debian packages that are missing, and nothing else.

# install_packages PACKAGE... : 0 when all are installed afterwards.
install_packages() {
  local package missing=() root=() policy=/usr/sbin/policy-rc.d ours=no
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0

  if ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]}, and this is not a Debian system: install their counterparts by hand" >&2
    return 1
  fi
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null && ! { [[ -t 0 ]] && sudo -v; }; then
      echo "missing: ${missing[*]}. Install them as root:  apt-get install ${missing[*]}" >&2
      return 1
    fi
    root=(sudo)
  fi

  echo "installing ${missing[*]} ..." >&2
  # Debian starts a service as soon as it is installed; we run clamd ourselves and want no second one.
  if [[ ! -e $policy ]]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
  fi
  local install=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120
    install --no-install-recommends "${missing[@]}")
  local log done=1
  log=$(mktemp)
  # The lists of a fresh machine are empty, those of an old one name versions that are gone: only then is the update needed.
  if "${install[@]}" >"$log" 2>&1 ||
    { "${root[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update >>"$log" 2>&1; "${install[@]}" >>"$log" 2>&1; }; then
    done=0
  else
    tail -n 15 "$log" >&2
    echo "could not install ${missing[*]}" >&2
  fi
  rm -f "$log"
  [[ $ours == no ]] || "${root[@]}" rm -f "$policy"
  return $done
}
