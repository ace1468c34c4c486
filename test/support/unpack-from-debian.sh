#!/bin/sh
# Unpacks servers of Debian sid in a directory, with all libraries, for tests by hand of servers that Debian 12 lacks:
#   test/support/unpack-from-debian.sh /opt/sid mysql-server-core:mysqld valkey-server:valkey-server
#   MYSQL_BINARIES=/opt/sid/bin make test-exhaustive ARGS='test/contracts/mariadb.test.ts test/fixtures/mariadb.test.ts'
#   VALKEY_SERVER=/opt/sid/bin/valkey-server make test-exhaustive ARGS=test/contracts/valkey.test.ts
# The sources and the packages of this machine stay as they are.
set -eu

root=$1
shift
apt=$root/apt
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$root/bin"
echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main' >"$apt/sources.list"

private_apt() {
  apt-get -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State="$apt/state" \
    -o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache" -o APT::Install-Recommends=false "$@"
}

private_apt update
for need; do packages="${packages-} ${need%%:*}"; done
# shellcheck disable=SC2086 # several names
private_apt install --yes --download-only $packages
for archive in "$apt"/cache/archives/*.deb; do dpkg-deb --extract "$archive" "$root"; done

# The servers need the libraries of their own Debian, the C library and the loader among them.
libraries=$root/usr/lib/x86_64-linux-gnu
for need; do
  name=${need##*:}
  for program in "$root/usr/sbin/$name" "$root/usr/bin/$name"; do
    [ -e "$program" ] || continue
    printf '#!/bin/sh\nexec %s --library-path %s --argv0 %s %s "$@"\n' \
      "$libraries/ld-linux-x86-64.so.2" "$libraries" "$program" "$program" >"$root/bin/$name"
    chmod +x "$root/bin/$name"
  done
done
ls "$root/bin"
