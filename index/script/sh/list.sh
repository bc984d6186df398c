
# step FILE SIZE TIME STAY SIZE TIME only names the file.
act=no
step() {
	sound "$@" || return 0
	tell 'can go' "$1"
	did=$((did + 1))
}
