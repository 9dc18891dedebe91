/** The two halves of the series: Sheep is the runtime, Shepherd the orchestrator. */
export type Part = 'sheep' | 'shepherd';

/** One chapter of the series. The list below is the only place that knows which chapters exist. */
export type Chapter = {
  /** Place in the series, from 1. */
  readonly number: number;
  readonly title: string;
  readonly part: Part;
  /** What the chapter builds, in one sentence. */
  readonly gist: string;
  /** Day on which the original article was published, as YYYY-MM-DD. */
  readonly published: string;
  /** Path of the original article on its author's site. */
  readonly slug: string;
  /** Id of the chapter in `docs/`, once it is written. A chapter without one is listed as coming and leads nowhere. */
  readonly doc?: string;
  /** Day on which the chapter appeared on this site, as YYYY-MM-DD: its date in the feed of chapters. Goes with `doc`. */
  readonly since?: string;
};

export const parts: readonly {readonly part: Part; readonly name: string; readonly title: string; readonly about: string}[] = [
  {part: 'sheep', name: 'Part I', title: 'Sheep, the runtime', about: 'From one isolated process to a Docker-like command line.'},
  {part: 'shepherd', name: 'Part II', title: 'Shepherd, the orchestrator', about: 'From an API server to a cluster that mends itself.'},
];

export const chapters: readonly Chapter[] = [
  {
    number: 1,
    title: 'Linux Namespaces: Isolating a Process in 50 Lines of Go',
    part: 'sheep',
    gist: 'Give a process its own hostname, process list, mounts, IPC and network.',
    published: '2026-04-28',
    slug: 'uk/blog/posts/2026-04-28-linux-namespaces_en',
    doc: 'namespaces',
    since: '2026-11-25',
  },
  {
    number: 2,
    title: 'Re-Exec Pattern: Why Go and clone() Don’t Get Along',
    part: 'sheep',
    gist: 'Start the same binary again, inside the namespaces, to finish the set-up there.',
    published: '2026-05-02',
    slug: 'blog/posts/2026-05-02-reexec-pattern',
    doc: 'reexec',
    since: '2026-11-28',
  },
  {
    number: 3,
    title: 'pivot_root: How a Container Gets Its Own Filesystem',
    part: 'sheep',
    gist: 'Swap the root filesystem and let go of the old one.',
    published: '2026-05-09',
    slug: 'blog/posts/2026-05-09-pivot-root',
    doc: 'pivot-root',
    since: '2026-11-28',
  },
  {
    number: 4,
    title: 'Cgroups v2: Limiting Memory, CPU, and PIDs',
    part: 'sheep',
    gist: 'Set limits from birth and watch the kernel enforce them.',
    published: '2026-05-15',
    slug: 'blog/posts/2026-05-15-cgroups-v2',
    doc: 'cgroups',
    since: '2026-11-28',
  },
  {
    number: 5,
    title: 'OverlayFS: Copy-on-Write Layers Like Docker',
    part: 'sheep',
    gist: 'Let many containers share one image and keep only their own changes.',
    published: '2026-05-20',
    slug: 'blog/posts/2026-05-20-overlayfs',
    doc: 'overlayfs',
    since: '2026-11-28',
  },
  {
    number: 6,
    title: 'Bridge Networking: Giving a Container an IP Address',
    part: 'sheep',
    gist: 'Wire containers to a bridge with veth pairs and lease them addresses.',
    published: '2026-05-25',
    slug: 'blog/posts/2026-05-25-bridge-networking',
  },
  {
    number: 7,
    title: 'NAT and iptables: How a Container Sees the Internet',
    part: 'sheep',
    gist: 'Follow one packet out through NAT and its reply back.',
    published: '2026-05-30',
    slug: 'blog/posts/2026-05-30-nat-iptables',
  },
  {
    number: 8,
    title: 'Image Management: tar Archive to rootfs to Container',
    part: 'sheep',
    gist: 'Import, pull and push images, and refuse hostile archives.',
    published: '2026-06-02',
    slug: 'blog/posts/2026-06-02-image-management',
  },
  {
    number: 9,
    title: 'Container Lifecycle: State Machine from Created to Removed',
    part: 'sheep',
    gist: 'Create, start, stop and remove, with a state that survives a restart.',
    published: '2026-06-07',
    slug: 'blog/posts/2026-06-07-container-lifecycle',
  },
  {
    number: 10,
    title: 'A Docker CLI in 500 Lines of Go',
    part: 'sheep',
    gist: 'Put fifteen commands in one file, with the standard library only.',
    published: '2026-06-10',
    slug: 'blog/posts/2026-06-10-docker-cli',
  },
  {
    number: 11,
    title: 'Kubernetes API Server in 300 Lines',
    part: 'shepherd',
    gist: 'Validate and store pods, services, deployments, nodes and events over HTTP.',
    published: '2026-06-13',
    slug: 'blog/posts/2026-06-13-kubernetes-api-server',
  },
  {
    number: 12,
    title: 'BoltDB Instead of etcd: Embedded State Store',
    part: 'shepherd',
    gist: 'Keep the cluster in one file and tell watchers what changed.',
    published: '2026-06-17',
    slug: 'blog/posts/2026-06-17-boltdb-state-store',
  },
  {
    number: 13,
    title: 'Scheduler: How to Pick a Node for a Pod',
    part: 'shepherd',
    gist: 'Filter the nodes, score them, bind the pod, and say why when none fits.',
    published: '2026-06-20',
    slug: 'blog/posts/2026-06-20-scheduler',
  },
  {
    number: 14,
    title: 'Reconciliation Loop: The Heart of Shepherd',
    part: 'shepherd',
    gist: 'Compare desired with observed, act, and do it again.',
    published: '2026-06-24',
    slug: 'blog/posts/2026-06-24-reconciliation-loop',
  },
];

/** The author of the series and where the original articles are. */
export const author = {name: 'Igor Gorovyy', url: 'https://igor.gorovyy.pro/'} as const;

/** Path of a chapter on this site, or undefined while it is not written. */
export function chapterPath({doc}: Chapter): string | undefined {
  return doc && `/docs/${doc}/`;
}

/** Address of the original article. */
export function articleUrl({slug}: Chapter): string {
  return `${author.url}${slug}/`;
}

const words = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
];

/** A small number as prose has it: in words as far as the series goes, in digits beyond. */
export const inWords = (count: number): string => words[count] ?? String(count);

/** How far a series has come, in a sentence such as `Chapter 1 is out, thirteen more are coming.` Chapters are written in order. */
export function outlook(series: readonly Chapter[] = chapters): string {
  const out = series.filter(({doc}) => doc !== undefined).length;
  const coming = series.length - out;
  if (coming === 0) return `All ${inWords(out)} chapters are out.`;
  const are = (count: number): string => (count === 1 ? 'is' : 'are');
  if (out === 0) return `${inWords(coming)} chapters are coming.`.replace(/^./, (letter) => letter.toUpperCase());
  return `${out === 1 ? 'Chapter 1 is' : `Chapters 1 to ${out} are`} out, ${inWords(coming)} more ${are(coming)} coming.`;
}
