/**
 * What the machine is made of: Debian packages by name, and what is taken from each.
 * Add a line here when a recording or a test needs another program; the image is
 * built again by itself.
 */

/**
 * Paths inside a package; `*` matches within one name, `|` parts the places where different releases
 * of Debian keep a thing. A path that matches nothing is an error. /bin, /sbin and /lib count as their
 * namesakes below /usr, as Debian merges them, and so do the folders of one architecture.
 */
export const packages: Readonly<Record<string, readonly string[]>> = {
  attr: ['usr/bin/getfattr'],
  'base-files': ['usr/lib/os-release'],
  bash: ['usr/bin/bash'],
  bsdextrautils: ['usr/bin/col'], // man uses it where there is no terminal.
  'busybox-static': ['usr/bin/busybox'],
  conntrack: ['usr/sbin/conntrack'],
  coreutils: ['usr/bin/*', 'usr/sbin/*'],
  diffutils: ['usr/bin/diff'],
  'docker-registry': ['usr/bin/docker-registry'],
  findutils: ['usr/bin/find', 'usr/bin/xargs'],
  grep: ['usr/bin/grep'],
  'groff-base': [
    'usr/bin/groff',
    'usr/bin/grotty',
    'usr/bin/nroff',
    'usr/bin/preconv',
    'usr/bin/tbl',
    'usr/bin/troff',
    'etc/groff/*',
    'usr/share/groff/current',
    'usr/share/groff/site-tmac',
    'usr/share/groff/*/font/devutf8/*',
    'usr/share/groff/*/tmac/*',
    'usr/share/groff/*/tmac/mdoc/*',
  ],
  hostname: ['usr/bin/hostname'],
  iproute2: [
    'usr/sbin/bridge',
    'usr/bin/ip',
    'usr/sbin/ip',
    'usr/bin/ss',
    'usr/sbin/tc',
    'etc/iproute2/*|usr/share/iproute2/*',
    'usr/share/man/man8/ip-*',
  ],
  iptables: ['usr/sbin/xtables-*-multi', 'usr/sbin/ip*tables-nft*', 'usr/sbin/ip*tables-legacy*', 'usr/lib/xtables/*'],
  'iputils-ping': ['usr/bin/ping'],
  less: ['usr/bin/less'],
  'libc-bin': ['usr/lib/locale/C.utf8/*', 'usr/lib/locale/C.utf8/LC_MESSAGES/*'],
  'libcap2-bin': ['usr/sbin/capsh', 'usr/sbin/getpcaps'],
  'libpam-modules': ['usr/lib/security/pam_permit.so'],
  'man-db': ['usr/bin/man', 'usr/libexec/man-db/*', 'etc/manpath.config'],
  // Without section 3, the C library's functions: it has more pages than all other sections together.
  manpages: ['usr/share/man/man4/*', 'usr/share/man/man5/*', 'usr/share/man/man7/*', 'usr/share/man/man8/*'],
  'manpages-dev': ['usr/share/man/man2/*'],
  mount: ['usr/bin/mount', 'usr/bin/umount'],
  'ncurses-base': ['usr/lib/terminfo/*/*|usr/share/terminfo/*/*'],
  netbase: ['etc/protocols', 'etc/services'],
  procps: ['usr/bin/free', 'usr/bin/pgrep', 'usr/bin/pkill', 'usr/bin/ps', 'usr/bin/top', 'usr/bin/watch', 'usr/sbin/sysctl'],
  strace: ['usr/bin/strace'],
  sudo: ['usr/bin/sudo', 'usr/bin/sudoedit', 'usr/libexec/sudo/sudoers.so', 'usr/libexec/sudo/sudo_noexec.so', 'etc/sudoers'],
  'util-linux': [
    'usr/bin/findmnt',
    'usr/bin/ipcmk',
    'usr/bin/ipcrm',
    'usr/bin/ipcs',
    'usr/bin/lsns',
    'usr/bin/mountpoint',
    'usr/bin/nsenter',
    'usr/bin/prlimit',
    'usr/bin/setpriv',
    'usr/bin/setsid',
    'usr/bin/unshare',
    'usr/sbin/pivot_root',
  ],
};

/** Names that Debian makes at installation time (alternatives): link → target. */
export const links: Readonly<Record<string, string>> = {
  'etc/os-release': '../usr/lib/os-release',
  'usr/bin/pager': 'less',
  'usr/bin/sh': 'bash',
  'usr/sbin/iptables': 'iptables-nft',
  'usr/sbin/iptables-restore': 'iptables-nft-restore',
  'usr/sbin/iptables-save': 'iptables-nft-save',
  'usr/sbin/ip6tables': 'ip6tables-nft',
  'usr/sbin/ip6tables-save': 'ip6tables-nft-save',
};

/** Programs that run as their owner, root, whoever starts them; an ordinary user's dpkg-deb may drop that bit of the mode. */
export const setuid: readonly string[] = ['usr/bin/sudo'];

/** The ordinary user: may become root with sudo, without a password. The number is the one of its group, too. */
export const learner = {name: 'learner', id: 1000} as const;

/** The machine's name. Not `sheep`, which is what the programs of the series call their containers. */
export const hostname = 'meadow';

/** The kernel's meta package for each architecture Debian builds a cloud kernel for. */
export const kernelPackage: Readonly<Record<string, string>> = {
  amd64: 'linux-image-cloud-amd64',
  arm64: 'linux-image-cloud-arm64',
};

/** What Debian calls an architecture in the names of folders. */
export const triplets: Readonly<Record<string, string>> = {amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu'};

/**
 * Kernel modules, as folders or files below `kernel/`; what they depend on comes along.
 * Everything else (ext4, tmpfs, cgroups, namespaces) is built into Debian's kernel.
 */
export const modules: readonly string[] = [
  'drivers/block/loop.ko',
  'drivers/block/virtio_blk.ko',
  'drivers/char/virtio_console.ko',
  'drivers/net/dummy.ko',
  'drivers/net/tun.ko',
  'drivers/net/veth.ko',
  'drivers/virtio/virtio_mmio.ko',
  'drivers/virtio/virtio_pci.ko',
  'fs/fuse/fuse.ko',
  'fs/overlayfs',
  'fs/squashfs',
  'net/bridge',
  'net/ipv4/netfilter',
  'net/ipv6/netfilter',
  'net/netfilter',
  'net/packet/af_packet_diag.ko',
  'net/unix/unix_diag.ko',
  'net/ipv4/inet_diag.ko',
  'net/ipv4/tcp_diag.ko',
  'net/netlink/netlink_diag.ko',
];

/** Modules left out though a folder above names them: large, and of no use here. */
export const withoutModules: readonly string[] = ['net/netfilter/ipvs', 'net/netfilter/ipset'];

/** Empty folders of the root, with their modes. */
export const folders: Readonly<Record<string, number>> = {
  dev: 0o755,
  etc: 0o755,
  home: 0o755,
  mnt: 0o755,
  proc: 0o755,
  repo: 0o755,
  root: 0o700,
  run: 0o755,
  share: 0o755,
  sys: 0o755,
  tmp: 0o1777,
  usr: 0o755,
  'usr/bin': 0o755,
  'usr/lib': 0o755,
  'usr/local': 0o755,
  'usr/local/bin': 0o755,
  'usr/local/sbin': 0o755,
  'usr/sbin': 0o755,
  var: 0o755,
  'var/lib': 0o755,
  'var/log': 0o755,
  'var/tmp': 0o1777,
};
