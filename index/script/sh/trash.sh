
# step FILE SIZE TIME STAY SIZE TIME
step() {
	sound "$@" || return 0
	if [ "$act" = no ] || trash "$1"; then tell_done 'put into the trash' "$1"; else leave "$why" "$1"; fi
}

# trash FILE
trash() {
	if [ "$(uname)" = Darwin ]; then
		trash_macos "$1"
		return
	fi
	# The folder by its true name, and the uppermost one on its disk.
	cd -P -- "${1%/*}/" 2>/dev/null || {
		why='its folder cannot be entered'
		return 1
	}
	file=${PWD%/}/${1##*/}
	disk=$(device .)
	case ${XDG_DATA_HOME-} in
	/*) home=$XDG_DATA_HOME/Trash ;;
	*) home=${HOME:?}/.local/share/Trash ;;
	esac
	(umask 077 && mkdir -p -- "$home/files" "$home/info") 2>/dev/null
	if [ "$(device "$home/files/.")" = "$disk" ]; then
		bin=$home
		named=$file
	else
		while [ "$PWD" != / ] && [ "$(device ..)" = "$disk" ]; do cd -P .. || break; done
		top=${PWD%/}
		named=${file#"$top"/}
		bin=$top/.Trash/$(id -u)
		# A common folder counts only where nobody can take away what others put there.
		if [ -L "$top/.Trash" ] || [ ! -k "$top/.Trash" ] || ! (umask 077 && mkdir -p -- "$bin/files" "$bin/info") 2>/dev/null; then
			bin=$top/.Trash-$(id -u)
			if [ -L "$bin" ] || ! (umask 077 && mkdir -p -- "$bin/files" "$bin/info") 2>/dev/null; then
				cd /
				why='its disk has no trash, and none can be made'
				return 1
			fi
		fi
	fi
	cd /
	# The name is reserved by its .trashinfo, which nobody else can make then.
	name=${file##*/}
	n=1
	while [ -e "$bin/files/$name" ] || [ -L "$bin/files/$name" ] || ! reserve; do
		n=$((n + 1))
		if [ "$n" -gt 50 ]; then
			why='the trash takes no more (is the disk full?)'
			return 1
		fi
		name=dedupidx-$$-$n-${file##*/}
		[ "${#name}" -le 240 ] || name=dedupidx-$$-$n
	done
	mv -n -- "$file" "$bin/files/$name" 2>/dev/null
	if [ -e "$file" ] || [ ! -f "$bin/files/$name" ]; then
		rm -f -- "$bin/info/$name.trashinfo"
		why='it cannot be moved into the trash'
		return 1
	fi
}

# reserve writes the .trashinfo; it fails where there is one, or where it does not fit.
reserve() {
	(set -C && : >"$bin/info/$name.trashinfo") 2>/dev/null || return 1
	if printf '[Trash Info]\nPath=%s\nDeletionDate=%s\n' "$(escaped "$named")" "$(date +%Y-%m-%dT%H:%M:%S)" >"$bin/info/$name.trashinfo" 2>/dev/null; then
		return 0
	fi
	rm -f -- "$bin/info/$name.trashinfo"
	return 1
}

# escaped NAME prints each byte but / as %XX (RFC 2396, as the specification asks).
escaped() {
	printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n\t' | sed 's/../%&/g; s/%2[fF]/\//g'
}

# trash_macos FILE leaves it to the system's own command, else to a move into the
# user's Trash under a name that is free there.
trash_macos() {
	if [ -x /usr/bin/trash ]; then
		/usr/bin/trash "$1" 2>/dev/null && [ ! -e "$1" ] && return 0
		why='the system cannot put it into the Trash'
		return 1
	fi
	name=${1##*/}
	[ ! -e "$HOME/.Trash/$name" ] && [ ! -L "$HOME/.Trash/$name" ] || name=dedupidx-$(date +%s)-$$-$did-$name
	carry "$1" "$HOME/.Trash/$name" "$HOME/.Trash/.dedupidx-part-$$"
}
