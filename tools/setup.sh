# Sourced by tools/run and tools/test: installs what is missing, and builds. Works as root, or as a
# user with sudo, on Debian 12. Each step says what it does, and does nothing if it is done.

say() { printf '== %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "not root, and there is no sudo: install these packages first: ${missing_packages[*]}"
  fi
}

# Sets missing_packages to the lines of packages.txt, and the packages given, that are not installed.
find_missing_packages() {
  local package
  missing_packages=()
  while read -r package; do
    [[ -z $package || $package == \#* ]] && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing_packages+=("$package")
  done < <(cat "$root/tools/packages.txt" && printf '%s\n' "$@")
}

# install_packages [PACKAGE ...]: those of packages.txt, and these.
install_packages() {
  command -v dpkg-query >/dev/null || fail "this is no Debian; see tools/packages.txt for what is needed"
  find_missing_packages "$@"
  [[ ${#missing_packages[@]} -eq 0 ]] && return
  say "installing: ${missing_packages[*]}"

  # Debian's PostgreSQL would make and start a cluster of its own; the engine has a private one.
  local no_cluster=/etc/postgresql-common/createcluster.d/causeway-setup.conf
  as_root mkdir -p "${no_cluster%/*}"
  echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
  as_root "${apt[@]}" update &&
    as_root "${apt[@]}" install --no-install-recommends "${missing_packages[@]}" ||
    { as_root rm -f "$no_cluster"; fail "apt-get could not install what is missing"; }
  as_root rm -f "$no_cluster"
}

# A compiler of this code takes up to 1.5 GB.
build_jobs() {
  local cores memory_kb jobs
  cores=$(nproc)
  memory_kb=$(awk '$1 == "MemAvailable:" {print $2}' /proc/meminfo)
  jobs=$((memory_kb / 1500000))
  ((jobs > cores)) && jobs=$cores
  ((jobs < 1)) && jobs=1
  echo "$jobs"
}

# ccache must have a folder that it can write to, also where there is no home.
choose_ccache_folder() {
  local folder=${CCACHE_DIR:-${HOME:-/nonexistent}/.cache/ccache}
  if ! mkdir -p "$folder" 2>/dev/null || [[ ! -w $folder ]]; then
    export CCACHE_DIR=$root/build/ccache
    mkdir -p "$CCACHE_DIR"
  fi
}

# build FOLDER [-DOPTION=VALUE ...] [-- TARGET ...]: one build of a folder at a time.
build() {
  local folder=$1 options=() started=$SECONDS
  shift
  while [[ $# -gt 0 && $1 != -- ]]; do
    options+=("$1")
    shift
  done
  [[ $# -gt 0 ]] && shift
  mkdir -p "$root/$folder"
  choose_ccache_folder
  say "building in $folder/"
  (
    flock 9
    cmake -S "$root" -B "$root/$folder" -G Ninja "${options[@]}" >"$root/$folder/configure.log" 2>&1 ||
      { cat "$root/$folder/configure.log" >&2; exit 1; }
    ninja -C "$root/$folder" -j "$(build_jobs)" "$@"
  ) 9>"$root/$folder/lock" || fail "the build failed"
  say "built in $((SECONDS - started)) s"
}
