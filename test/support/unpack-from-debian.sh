#!/bin/sh
# Unpacks a server of another Debian in a directory, with all its libraries. The sources and the packages of this machine
# stay as they are. Does nothing if the server is there and runs.
#   test/support/unpack-from-debian.sh /opt/mysql sid mysql-server-core mysqld
#   MYSQL_BINARIES=/opt/mysql/bin make test-exhaustive ARGS='--project mysql'
set -eu

root=$1 release=$2 package=$3 program=$4
apt=$root/apt

runs() { "$root/bin/$program" --version >/dev/null 2>&1; }
runs && exit

mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$root/bin"
: >"$apt/status" # no package is installed
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $release main" >"$apt/sources.list"

private_apt() {
  apt-get -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$apt/state" \
    -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Install-Recommends=false \
    -o Acquire::Retries=3 -o Acquire::http::Timeout=20 -o APT::Update::Error-Mode=any "$@"
}

private_apt update
private_apt install --yes --download-only "$package"
for archive in "$apt"/cache/archives/*.deb; do dpkg-deb --extract "$archive" "$root"; done

# A server needs the libraries of its own Debian, the C library and the loader among them.
libraries=$root/usr/lib/$(uname -m)-linux-gnu
for path in "$root/usr/sbin/$program" "$root/usr/bin/$program"; do
  [ -e "$path" ] || continue
  printf '#!/bin/sh\nexec %s --library-path %s --argv0 %s %s "$@"\n' \
    "$libraries"/ld-linux-*.so.* "$libraries" "$path" "$path" >"$root/bin/$program"
  chmod +x "$root/bin/$program"
done
rm -rf "$apt"
runs
