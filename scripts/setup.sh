# Sets up what `./run` and `./test` need; sourced by both. Quick when there is nothing to do.
#   need_system PACKAGE...   Debian packages, installed when root or sudo, else named in one clear line
#   need_unpacked PACKAGE    a Debian package's files below .unpacked, not installed
#   need_python LOCK         the virtual environment .venv with exactly the locked versions

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$here"

say() { printf '%s\n' "$*" >&2; }

need_system() {
    local missing=() package
    if ! command -v dpkg-query apt-get >/dev/null; then
        command -v tesseract >/dev/null && return 0
        say "referloop: please install first, with this system's package manager: $*"
        exit 1
    fi
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo)
        else
            say "referloop: please install first:  sudo apt-get install --no-install-recommends ${missing[*]}"
            exit 1
        fi
    fi
    say "referloop: installing ${missing[*]}"
    # The list of packages may be old or absent: refreshed only when the install fails without it.
    install_them() {
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    }
    if ! install_them 2>/dev/null; then
        "${as_root[@]}" apt-get update -qq >/dev/null && install_them || {
            say "referloop: apt-get could not install ${missing[*]}; see the lines above"
            exit 1
        }
    fi
}

# A package's files below .unpacked, without installing it: it would put another one out, or start a service.
need_unpacked() {
    local package=$1 folder=.unpacked/$1 files
    if [ -e "$folder" ] || ! command -v dpkg-query apt-get >/dev/null ||
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
        return 0
    fi
    say "referloop: unpacking $package below .unpacked, not installing it"
    files=$(mktemp -d)
    fetch_it() { (cd "$files" && apt-get download -qq "$package" >/dev/null 2>&1); }
    fetch_it || { need_package_list && fetch_it; } || {
        say "referloop: apt-get could not download $package: what is tried with it is skipped"
        rm -rf "$files"
        return 0
    }
    # shellcheck disable=SC2046 # the libraries it runs with, a word each
    need_system $(dpkg-deb -f "$files"/*.deb Depends | tr ',' '\n' | sed -n 's/^ *\(lib[a-z0-9.+-]*\).*/\1/p')
    mkdir -p .unpacked
    dpkg-deb -x "$files"/*.deb "$files/whole" && mv "$files/whole" "$folder"
    rm -rf "$files"
}

# The list of packages anew, where we may.
need_package_list() {
    if [ "$(id -u)" = 0 ]; then apt-get update -qq >/dev/null; else sudo -n apt-get update -qq >/dev/null 2>&1; fi || true
}

find_python() {
    local candidate
    for candidate in python3.13 python3.12 python3.11 python3.14 python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

need_python() {
    local lock=$1 stamp
    stamp=$({ cat "$lock" pyproject.toml && pwd; } | sha256sum | cut -c1-64) # a moved folder is set up anew
    [ "$(cat ".venv/.$lock.stamp" 2>/dev/null)" = "$stamp" ] && return 0
    exec 9<"$lock"
    flock 9 # two at once: the second waits and finds everything done
    [ "$(cat ".venv/.$lock.stamp" 2>/dev/null)" = "$stamp" ] || install_python "$lock" "$stamp"
    exec 9<&-
}

install_python() {
    local lock=$1 stamp=$2
    if [ -e .venv/.place ] && [ "$(cat .venv/.place)" != "$here" ]; then
        rm -rf .venv # its programs name the folder it was made in
    fi
    if [ ! -x .venv/bin/python ]; then
        local python
        if ! python=$(find_python); then
            need_system python3 python3-venv
            python=$(find_python) || {
                say "referloop: needs Python 3.11 to 3.14; this system's python3 is $(python3 --version 2>&1)"
                exit 1
            }
        fi
        if ! "$python" -m venv .venv 2>/dev/null; then
            rm -rf .venv
            need_system python3-venv
            "$python" -m venv .venv
        fi
        echo "$here" >.venv/.place
    fi
    say "referloop: setting up .venv from $lock"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    echo "$stamp" >".venv/.$lock.stamp"
}
