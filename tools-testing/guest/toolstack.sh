# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Xen's toolstack in dom0, for jobs of an initramfs with it (scripts/build/toolstack):
#
#   . toolstack.sh
#   toolstack_start || exit 3
#   xl create /etc/xen/NAME
#   guest_wait NAME 'text of its console' 60 || exit 3
#
# Guests boot the kernel /boot/vmlinuz with /boot/initramfs, which is that of
# dom0 without the toolstack, or with /boot/initramfs-small, which has the job
# guestmem only. What a guest's console says is in $GUEST_LOGS/guest-NAME.log.

GUEST_LOGS=/var/log/xen/console
XEN_BIN=$(echo /usr/lib/xen-*/bin)
export PATH="$PATH:$XEN_BIN"

# Starts xenstored, xen-init-dom0 and xenconsoled; 0 when all are there.
toolstack_start()
{
	if [ ! -x "$XEN_BIN/xl" ]; then
		echo "toolstack: not in this initramfs; scripts/build/toolstack makes one with it"
		return 3
	fi
	mkdir -p /run/xen /run/xenstored /run/lock /var/lib/xen /var/lib/xenstored \
		/var/log/xen "$GUEST_LOGS" /etc/xen
	: >/etc/xen/xl.conf
	ln -sfn /run /var/run
	ln -sfn /run/lock /var/lock
	xenstored --pid-file /run/xen/xenstored.pid || return 3
	toolstack_until 50 xenstore-exists / || {
		echo "toolstack: xenstored does not answer"
		return 3
	}
	xen-init-dom0 >/tmp/xen-init-dom0.log 2>&1 || {
		cat /tmp/xen-init-dom0.log
		return 3
	}
	xenconsoled --log=guest --log-dir="$GUEST_LOGS" --pid-file=/run/xen/xenconsoled.pid || return 3
	xl list >/tmp/xl-list.log 2>&1 || {
		cat /tmp/xl-list.log
		return 3
	}
	echo "toolstack: ready, $(xl info xen_version) with $(xl info free_memory) MiB free"
}

# toolstack_until TENTHS COMMAND...: tries it until it works
toolstack_until()
{
	_n=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		_n=$((_n - 1))
		[ "$_n" -gt 0 ] || return 1
		sleep 0.1
	done
}

# guest_config NAME MIB INITRAMFS KARGS: writes /etc/xen/NAME
guest_config()
{
	{
		echo "type = 'pv'"
		echo "name = '$1'"
		echo "memory = $2"
		echo "vcpus = 1"
		echo "kernel = '/boot/vmlinuz'"
		echo "ramdisk = '/boot/$3'"
		echo "extra = 'console=hvc0 panic=-1 oops=panic $4'"
		echo "on_crash = 'preserve'"
	} >"/etc/xen/$1"
}

# guest_wait NAME PATTERN SECONDS: until its console shows that
guest_wait()
{
	toolstack_until $(($3 * 10)) grep -qE "$2" "$GUEST_LOGS/guest-$1.log" && return 0
	echo "toolstack: $1 has not said '$2' within $3 seconds; its last lines:"
	tail -n 15 "$GUEST_LOGS/guest-$1.log"
	return 1
}

# guests_complain: shows what guests have lost and what their kernels complain of; is there any?
guests_complain()
{
	grep -hE '(guestmem|disk): LOST|Kernel panic|BUG: |WARNING: CPU|Oops: |multicall\(s\) failed|Bad page' \
		"$GUEST_LOGS"/guest-*.log
}

# guest_take NAME: what the guest has handed out on its console lands in /results as
# NAME-*, and its console as NAME-console.log; 3 if a file was damaged on the way.
guest_take()
{
	tr -d '\r' <"$GUEST_LOGS/guest-$1.log" >"/results/$1-console.log"
	: >/tmp/sums
	# markers in a file that is sent would spoil the sending: take the files out
	awk -v to="/results/$1-" '
		/^@@BEGIN [A-Za-z0-9._-]+ [0-9]+ [0-9a-f]+$/ { file = to $2; print file, $3, $4 >"/tmp/sums"; printf "" >file; next }
		/^@@END / && file != "" { close(file); file = ""; next }
		file != "" { print >file }' "/results/$1-console.log"
	sed -i 's/^@@/@ @/' "/results/$1-console.log"
	while read -r _file _lines _sum; do
		[ "$(wc -l <"$_file") $(md5sum <"$_file" | cut -d " " -f 1)" = "$_lines $_sum" ] || {
			echo "toolstack: $_file was damaged on the way"
			return 3
		}
	done </tmp/sums
}

# guest_verdict NAME: what the guest's job ended with, when its files are taken;
# 1 if its kernel complained.
guest_verdict()
{
	if guests_complain; then
		echo "toolstack: the kernel of $1 complained"
		return 1
	fi
	return "$(sed -n 's/^@ @VERDICT \([0-9]*\).*/\1/p' "/results/$1-console.log" | head -n 1)"
}

# guest_checks JOB MIB ARG...: runs that job in an unprivileged guest; says what it said of
# its checks, and ends with its verdict. GUEST_KARGS: more for its kernel's command line
guest_checks()
{
	_job=$1
	_mib=$2
	shift 2
	toolstack_start || return 3
	guest_config domu "$_mib" initramfs "ptjob=$_job \"ptargs=$*\" ${GUEST_KARGS:-}"
	xl create /etc/xen/domu || return 3
	guest_wait domu '^@@VERDICT [0-9]' 1800
	_status=$?
	guest_take domu || return
	[ $_status -eq 0 ] || return 3
	cat "/results/domu-$_job.txt"
	guest_verdict domu
}

# guestmem_last NAME: round and writes of the last round that guestmem in the
# guest has reported. During a live migration the guest has another name and so
# another log, NAME--incoming.
guestmem_last()
{
	cat "$GUEST_LOGS/guest-$1.log" "$GUEST_LOGS/guest-$1--"*.log 2>/dev/null |
		sed -n 's/^guestmem: round \([0-9]*\) writes \([0-9]*\) ok.*/\1 \2/p' | sort -n | tail -n 1
}

# guestmem_reaches NAME ROUND SECONDS: until it is there
guestmem_reaches()
{
	toolstack_until $(($3 * 10)) guestmem_is_at "$1" "$2" && return 0
	echo "toolstack: $1 has not come to round $2 within $3 seconds; its last lines:"
	tail -n 5 "$GUEST_LOGS/guest-$1"*.log
	return 1
}

guestmem_is_at()
{
	_last=$(guestmem_last "$1")
	[ "${_last:-0}" != 0 ] && [ "${_last% *}" -ge "$2" ]
}
