//go:build linux

package confine

import "runtime"

// architecture is a way to make system calls, with its own numbers.
type architecture int

const (
	amd64 architecture = iota
	x86                // i386
	arm64
	arm
)

// audit is how the kernel names them (AUDIT_ARCH_… of <linux/audit.h>: ELF machine, 64 bits, little-endian).
var audit = map[architecture]uint32{amd64: 0xc000003e, x86: 0x40000003, arm64: 0xc00000b7, arm: 0x40000028}

// native are those of the machine that Sheep was built for, its own first.
var native = map[string][]architecture{
	"amd64": {amd64, x86}, "386": {x86, amd64}, "arm64": {arm64, arm},
}[runtime.GOARCH]

const (
	// lastCall is the newest that was there when this was written: file_setattr of Linux 6.17. All later ones do not
	// exist here, nor do those of x32 on amd64: the same calls once more, from 0x40000000 on.
	lastCall = 469
	// armPrivate is where those calls begin that only 32-bit ARM has (<asm/unistd.h>).
	armPrivate = 0x0f0000
)

// numbers of the calls that the filter looks at, for each architecture, -1 where there is none. Those from 424 on are
// the same everywhere.
var numbers = map[string][4]int{
	//                          amd64 i386 arm64 arm
	"_sysctl":                 {156, 149, -1, 149},
	"acct":                    {163, 51, 89, 51},
	"add_key":                 {248, 286, 217, 309},
	"bpf":                     {321, 357, 280, 386},
	"chroot":                  {161, 61, 51, 61},
	"clock_settime":           {227, 264, 112, 262},
	"clock_settime64":         {-1, 404, -1, 404},
	"clone":                   {56, 120, 220, 120},
	"clone3":                  {435, 435, 435, 435},
	"create_module":           {174, 127, -1, -1},
	"delete_module":           {176, 129, 106, 129},
	"fanotify_init":           {300, 338, 262, 367},
	"finit_module":            {313, 350, 273, 379},
	"fsconfig":                {431, 431, 431, 431},
	"fsmount":                 {432, 432, 432, 432},
	"fsopen":                  {430, 430, 430, 430},
	"fspick":                  {433, 433, 433, 433},
	"get_kernel_syms":         {177, 130, -1, -1},
	"get_mempolicy":           {239, 275, 236, 320},
	"init_module":             {175, 128, 105, 128},
	"io_uring_enter":          {426, 426, 426, 426},
	"io_uring_register":       {427, 427, 427, 427},
	"io_uring_setup":          {425, 425, 425, 425},
	"ioctl":                   {16, 54, 29, 54},
	"ioperm":                  {173, 101, -1, -1},
	"iopl":                    {172, 110, -1, -1},
	"kcmp":                    {312, 349, 272, 378},
	"kexec_file_load":         {320, -1, 294, 401},
	"kexec_load":              {246, 283, 104, 347},
	"keyctl":                  {250, 288, 219, 311},
	"lookup_dcookie":          {212, 253, 18, 249},
	"mbind":                   {237, 274, 235, 319},
	"migrate_pages":           {256, 294, 238, 400},
	"mount":                   {165, 21, 40, 21},
	"mount_setattr":           {442, 442, 442, 442},
	"move_mount":              {429, 429, 429, 429},
	"move_pages":              {279, 317, 239, 344},
	"nfsservctl":              {180, 169, 42, 169},
	"open_by_handle_at":       {304, 342, 265, 371},
	"open_tree":               {428, 428, 428, 428},
	"open_tree_attr":          {467, 467, 467, 467},
	"perf_event_open":         {298, 336, 241, 364},
	"personality":             {135, 136, 92, 136},
	"pidfd_getfd":             {438, 438, 438, 438},
	"pivot_root":              {155, 217, 41, 218},
	"process_madvise":         {440, 440, 440, 440},
	"query_module":            {178, 167, -1, -1},
	"quotactl":                {179, 131, 60, 131},
	"quotactl_fd":             {443, 443, 443, 443},
	"reboot":                  {169, 88, 142, 88},
	"request_key":             {249, 287, 218, 310},
	"set_mempolicy":           {238, 276, 237, 321},
	"set_mempolicy_home_node": {450, 450, 450, 450},
	"setdomainname":           {171, 121, 162, 121},
	"sethostname":             {170, 74, 161, 74},
	"setns":                   {308, 346, 268, 375},
	"settimeofday":            {164, 79, 170, 79},
	"socket":                  {41, 359, 198, 281},
	"stime":                   {-1, 25, -1, -1},
	"swapoff":                 {168, 115, 225, 115},
	"swapon":                  {167, 87, 224, 87},
	"sysfs":                   {139, 135, -1, 135},
	"syslog":                  {103, 103, 116, 103},
	"umount":                  {-1, 22, -1, -1},
	"umount2":                 {166, 52, 39, 52},
	"unshare":                 {272, 310, 97, 337},
	"uselib":                  {134, 86, -1, 86},
	"userfaultfd":             {323, 374, 282, 388},
	"ustat":                   {136, 62, -1, 62},
	"vhangup":                 {153, 111, 58, 111},
	"vm86":                    {-1, 166, -1, -1},
	"vm86old":                 {-1, 113, -1, -1},
}
