# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
# Sourced: packages of this release or another one, without touching the host's apt configuration.

apt_dir=$cache/apt

# The host's own mirror for releases that match $1, in whichever format its sources are written.
apt_host_uri()
{
	apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE)' \
		'Created-By: Packages' | awk -v want="^($1)\$" '$2 ~ want { print $1; exit }'
}

apt_write_sources()
{
	local host main sec opts=

	# shellcheck disable=SC1091
	host=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	case $host in
	bookworm | trixie) ;;
	*) die "needs Debian 12 (bookworm) or 13 (trixie), this is '${host:-unknown}'" ;;
	esac
	main=$(apt_host_uri "$host")
	[ -n "$main" ] || die "no apt source for $host on this host"
	sec=$(apt_host_uri "$host-security")
	: "${sec:=${main%/}-security}"
	if grep -qsri '^[^#]*trusted[=:] *yes' /etc/apt/sources.list /etc/apt/sources.list.d; then
		opts='[trusted=yes]'
	fi
	for r in $(printf '%s\n' "$host" trixie | sort -u); do
		echo "deb $opts $main $r main"
		echo "deb $opts $sec $r-security main"
	done
	echo "deb-src $opts $main trixie main"
	echo "deb-src $opts $sec trixie-security main"
}

apt_opts=(
	-qq
	-o "Dir::Etc::SourceList=$apt_dir/sources.list"
	-o Dir::Etc::SourceParts=/dev/null
	-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
	-o "Dir::State::Lists=$apt_dir/lists"
	-o "Dir::Cache=$apt_dir/cache"
	-o Acquire::Languages=none -o Acquire::Retries=3
	-o APT::Sandbox::User=root
)

# Fetches the lists, unless that was done in the last hour.
apt_update()
{
	lock apt
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
	if [ -z "$(find "$apt_dir/updated" -mmin -60 2>/dev/null)" ]; then
		apt_write_sources >"$apt_dir/sources.list"
		apt-get "${apt_opts[@]}" update
		touch "$apt_dir/updated"
	fi
}

# apt_names REGEX: the packages on offer whose whole name matches, newest first.
apt_names()
{
	apt-cache "${apt_opts[@]}" search --names-only "^($1)\$" | cut -d ' ' -f 1 | sort -rV
}

# apt_extract FOLDER PACKAGE...: unpacks packages there (PACKAGE/RELEASE picks a release).
apt_extract()
{
	local into=$1 deb debs=$1.debs p
	shift
	rm -rf "$debs"
	mkdir -p "$debs" "$into"
	for p; do
		(cd "$debs" && apt-get "${apt_opts[@]}" download "$p")
	done
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$into"
	done
	rm -rf "$debs"
}
