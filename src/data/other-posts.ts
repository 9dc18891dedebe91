/** A post on the author's own site, outside this series. Title and date are the author's; the line about it is ours. */
export type OtherPost = {
  /** Day of publication, as YYYY-MM-DD. */
  readonly date: string;
  readonly title: string;
  readonly topic: Topic;
  /** What the post is about, in one line. */
  readonly about: string;
};

/** The subjects the posts fall into, in the order they are listed. */
export const topics = {
  agents: 'AI agents and their protocols',
  aiOperations: 'Running AI in production',
  kubernetes: 'Kubernetes',
  cloud: 'AWS and the cloud',
  architecture: 'Architecture and design',
} as const;

export type Topic = keyof typeof topics;

/** The 34 other posts, newest first. */
export const otherPosts: readonly OtherPost[] = [
  {
    date: '2026-04-18',
    title: 'AI sovereignty: your own model on DGX Spark instead of an API',
    topic: 'aiOperations',
    about: 'Moving inference from a paid API to a DGX Spark with vLLM: hardware, CUDA and PyTorch trouble, Ollama compared, a web UI.',
  },
  {
    date: '2026-04-11',
    title: 'EMM: LangGraph traces in Phoenix',
    topic: 'agents',
    about: 'Traces for 15 LangGraph agents from a single start-up call, with manual spans for voice, avatar and chat.',
  },
  {
    date: '2026-04-08',
    title: 'EMM: A2A Inspector in the app and MCP for it',
    topic: 'agents',
    about: 'An inspector inside the app and an MCP server beside it: read the Agent Card and run tasks without leaving the IDE.',
  },
  {
    date: '2026-04-04',
    title: 'EMM A2A Phase 4: Auth, Rate Limiting, Observability',
    topic: 'agents',
    about: 'API keys, a rate limit and structured logs for the A2A endpoints.',
  },
  {
    date: '2026-03-31',
    title: 'AI Reliability Engineering — certification from fwdays',
    topic: 'aiOperations',
    about: 'A course on AI reliability, and how the subject relates to classic SRE.',
  },
  {
    date: '2026-03-28',
    title: 'EMM A2A Phase 3: Stream task status',
    topic: 'agents',
    about: 'Task status pushed over server-sent events in place of polling, with the theory and diagrams.',
  },
  {
    date: '2026-03-21',
    title: 'EMM A2A Phase 2+: TaskStore and tasks/status',
    topic: 'agents',
    about: 'The life of an A2A task, from submission to a polled status, kept in memory for an hour.',
  },
  {
    date: '2026-03-14',
    title: 'Production Technology Risks: Planning for When Dependencies Fail',
    topic: 'architecture',
    about: 'Choosing technology with its next five years in mind, on the examples of PostgreSQL, MinIO and lakeFS.',
  },
  {
    date: '2026-03-14',
    title: 'EMM A2A Phase 2: Task Manager (list_board)',
    topic: 'agents',
    about: 'A second agent skill, list_board, and routing requests by skill id.',
  },
  {
    date: '2026-03-07',
    title: 'EMM A2A Phase 1: Process Manager as A2A Server',
    topic: 'agents',
    about: 'The first agent of the project to speak A2A: the protocol, its interactions and what works so far.',
  },
  {
    date: '2026-03-05',
    title: 'How I Became an AWS Community Builder',
    topic: 'cloud',
    about: 'The way from everyday DevOps to thinking in clusters, and into the AWS Community Builders programme.',
  },
  {
    date: '2026-02-12',
    title: 'Developing and Testing AI Agents: From LangGraph to Production',
    topic: 'agents',
    about: 'A workflow for LangGraph agents: StateGraph patterns, pytest fixtures, debugging and deployment.',
  },
  {
    date: '2026-02-08',
    title: 'Data Versioning for AI Agents: Real-World Experience with lakeFS',
    topic: 'aiOperations',
    about: 'Version control for the files that agents move, with lakeFS in a LangGraph platform.',
  },
  {
    date: '2026-02-03',
    title: 'Kubernetes Deployment for AI Agents: Real-World Experience with LangGraph',
    topic: 'aiOperations',
    about: 'Seven services go from Docker Compose to Kubernetes: service discovery, caching, secrets and little downtime.',
  },
  {
    date: '2025-11-19',
    title: 'Building MCP server for self-hosted Jira and Confluence',
    topic: 'agents',
    about: 'An MCP server for Jira and Confluence installations of one’s own.',
  },
  {
    date: '2025-10-30',
    title: 'Izabella. Create agentic tools. Convertor from pdf to fb2 format',
    topic: 'agents',
    about: 'A tool for the Izabella agent that turns PDF files into FB2 books.',
  },
  {
    date: '2025-10-16',
    title: 'Building a multi-site apartment searcher: Design patterns and architecture',
    topic: 'architecture',
    about: 'The design patterns behind a program that searches several sites for apartments.',
  },
  {
    date: '2025-09-11',
    title: 'Tarot AI Agent: Innovative Approach to Risk Assessment Through Artificial Intelligence',
    topic: 'agents',
    about: 'An AI agent that approaches risk assessment by way of tarot.',
  },
  {
    date: '2025-07-10',
    title: 'Using AWS ECR as a Universal OCI Repository',
    topic: 'cloud',
    about: 'Keeping artifacts of many kinds in AWS ECR.',
  },
  {
    date: '2025-06-03',
    title: 'Cert Manager in Kubernetes',
    topic: 'kubernetes',
    about: 'SSL certificates managed by Cert Manager: installation and use.',
  },
  {
    date: '2025-05-14',
    title: 'New Architecture for Isabella - C4 Diagrams',
    topic: 'architecture',
    about: 'The new Isabella, drawn as C4 diagrams.',
  },
  {
    date: '2025-05-14',
    title: 'New Architecture for Isabella - Structure',
    topic: 'architecture',
    about: 'The structure of the new Isabella, part by part.',
  },
  {
    date: '2025-05-10',
    title: 'New Architecture for Isabella',
    topic: 'architecture',
    about: 'A first look at the redesign of the Isabella project.',
  },
  {
    date: '2025-04-14',
    title: 'Waste Resources - Financial Optimization in the Cloud',
    topic: 'cloud',
    about: 'Where cloud money is wasted, and how to spend less.',
  },
  {
    date: '2025-03-19',
    title: 'Redis Backup on AWS S3',
    topic: 'cloud',
    about: 'Redis backups that reach S3 by themselves.',
  },
  {
    date: '2025-03-10',
    title: 'Kubernetes Onboarding with Flux',
    topic: 'kubernetes',
    about: 'Flux as the way to automate onboarding to Kubernetes.',
  },
  {
    date: '2025-02-26',
    title: 'AWS Lambda Cost Optimization',
    topic: 'cloud',
    about: 'Ways to make Lambda cheaper.',
  },
  {
    date: '2025-02-17',
    title: 'RDS Import with Terraform',
    topic: 'cloud',
    about: 'Bringing RDS instances that already run under Terraform.',
  },
  {
    date: '2025-02-17',
    title: 'RDS Import with Terraform (EN)',
    topic: 'cloud',
    about: 'The post on importing RDS instances into Terraform, in English.',
  },
  {
    date: '2025-02-12',
    title: 'SPA Deployment on S3 with CloudFront',
    topic: 'cloud',
    about: 'A single-page application served from S3 behind CloudFront.',
  },
  {
    date: '2025-02-09',
    title: 'RDS Migration Cases',
    topic: 'cloud',
    about: 'Several ways of moving a database to RDS.',
  },
  {
    date: '2025-02-08',
    title: 'AI Stable Diffusion',
    topic: 'aiOperations',
    about: 'Making images with Stable Diffusion.',
  },
  {
    date: '2024-12-08',
    title: 'Karpenter Properties',
    topic: 'kubernetes',
    about: 'Karpenter’s settings for Kubernetes.',
  },
  {
    date: '2024-12-05',
    title: 'ARM vs AMD',
    topic: 'cloud',
    about: 'Two processor architectures compared for use in the cloud.',
  },
];
