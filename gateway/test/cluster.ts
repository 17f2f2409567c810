import { pino } from 'pino';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';
import { createApp } from '../src/app.ts';
import type { MemberReport } from '../src/cluster/membership/member.ts';
import { type Flags, parseConfig } from '../src/config/config.ts';
import { freePort } from './free-port.ts';
import { makeDirectory, removeDirectory } from './temporary-directory.ts';

/** The secret of test clusters. */
export const CLUSTER_SECRET = 'a-secret-of-the-cluster';

/** A node in the answer of `/v1/cluster`. */
export type ReportedMember = MemberReport & { readonly state: string; readonly share?: number };

export interface ClusterReport {
	readonly node: string;
	readonly view: string;
	readonly members: readonly ReportedMember[];
}

/** A node of a cluster in this process. */
export interface TestNode {
	readonly name: string;
	readonly url: string;
	readonly internalUrl: string;
	readonly port: number;
	readonly internalPort: number;
	/** Its log, of level info and above. */
	readonly log: readonly Readonly<Record<string, unknown>>[];
	/** Resolves with its report of the cluster. */
	cluster(): Promise<ClusterReport>;
	/** Resolves with its report of itself. */
	report(): Promise<ReportedMember>;
	stop(): Promise<void>;
}

export interface TestCluster {
	/** The setting that names all nodes. */
	readonly peers: string;
	readonly nodes: readonly TestNode[];
	node(name: string): TestNode;
	/** Waits until all nodes use one ring of all dispatchers. */
	agreed(): Promise<void>;
	stop(): Promise<void>;
}

/** Roles by the names of nodes: `{ 'likes-1': 'likes', 'all-1': 'likes,dispatcher,frontend' }`. */
export type Roles = Readonly<Record<string, string>>;

async function startNode(name: string, internalPort: number, flags: Flags): Promise<TestNode> {
	const dataDir = makeDirectory();
	const log: Record<string, unknown>[] = [];
	const logger = pino({ base: { node: name } }, { write: (line: string) => log.push(JSON.parse(line)) });
	const config = parseConfig(
		{},
		{
			node: name,
			port: '0',
			internalPort: `${internalPort}`,
			staticDir: 'none',
			drainMs: '0',
			drainMinMs: '0',
			...flags,
			dataDir,
		},
	);
	const gateway = await createApp(config, logger);
	const cluster = async () => (await (await fetch(`${gateway.internalUrl}/v1/cluster`)).json()) as ClusterReport;
	return {
		name,
		log,
		internalPort,
		url: gateway.url,
		internalUrl: gateway.internalUrl,
		port: Number(new URL(gateway.url).port),
		cluster,
		async report() {
			const own = (await cluster()).members.find(({ node }) => node === name);
			if (own === undefined) throw new Error(`${name} does not report itself`);
			return own;
		},
		async stop() {
			await gateway.close();
			removeDirectory(dataDir);
		},
	};
}

/** Starts a node until the end of the test; `flags` name its peers and its roles. */
export async function startTestNode(name: string, internalPort: number, flags: Flags): Promise<TestNode> {
	const node = await startNode(name, internalPort, { clusterSecret: CLUSTER_SECRET, ...flags });
	onTestFinished(() => node.stop());
	return node;
}

/** Starts a cluster. Its peers include `absent`, which do not run. */
async function start(
	roles: Roles,
	flags: Flags = {},
	absent: Roles = {},
	given: readonly number[] = [],
): Promise<TestCluster> {
	const all = { ...roles, ...absent };
	const names = Object.keys(all);
	const ports = await Promise.all(names.map((_, index) => given[index] ?? freePort()));
	const peers = names
		.map((name, index) => `${name}=${all[name]?.replaceAll(',', '+')}@127.0.0.1:${ports[index]}`)
		.join(',');
	const nodes = await Promise.all(
		Object.keys(roles).map((name, index) =>
			startNode(name, ports[index] as number, {
				peers,
				roles: roles[name] as string,
				clusterSecret: CLUSTER_SECRET,
				...flags,
			}),
		),
	);
	const dispatchers = Object.keys(roles).filter((name) => roles[name]?.includes('dispatcher'));
	return {
		peers,
		nodes,
		node(name) {
			const node = nodes.find((one) => one.name === name);
			if (node === undefined) throw new Error(`node ${name} is unknown`);
			return node;
		},
		agreed: () =>
			vi.waitFor(
				async () => {
					const reports = await Promise.all(nodes.map((node) => node.cluster()));
					const views = new Set(reports.map(({ view }) => view));
					const onRing = reports.map(({ members }) => members.filter(({ share }) => share !== undefined).length);
					if (views.size > 1 || onRing.some((count) => count !== dispatchers.length)) {
						throw new Error(`the nodes use ${views.size} rings, of ${onRing} dispatchers`);
					}
				},
				{ timeout: 60_000, interval: 20 },
			),
		async stop() {
			await Promise.all(nodes.map((node) => node.stop()));
		},
	};
}

/** Starts a cluster until the end of the test, and waits until its nodes agree. */
export async function startCluster(roles: Roles, flags?: Flags, absent?: Roles): Promise<TestCluster> {
	const cluster = await start(roles, flags, absent);
	onTestFinished(() => cluster.stop());
	await cluster.agreed();
	return cluster;
}

/** Regions that know each other, each a separate cluster. */
export interface TestRegions {
	region(name: string): TestCluster;
	stop(): Promise<void>;
}

/** Starts a region for each name, all with the same roles. */
async function startEach(names: readonly string[], roles: Roles, flags: Flags): Promise<TestRegions> {
	const nodes = Object.keys(roles);
	const ports = new Map<string, number[]>();
	for (const name of names) ports.set(name, await Promise.all(nodes.map(() => freePort())));
	const addressesOf = (name: string) =>
		nodes
			.flatMap((node, index) => (roles[node]?.includes('dispatcher') ? [`127.0.0.1:${ports.get(name)?.[index]}`] : []))
			.join('+');
	const clusters = new Map<string, TestCluster>();
	await Promise.all(
		names.map(async (name) => {
			const others = names.filter((other) => other !== name);
			const regions = others.map((other) => `${other}=${addressesOf(other)}`).join();
			clusters.set(name, await start(roles, { region: name, regions, ...flags }, {}, ports.get(name)));
		}),
	);
	return {
		region(name) {
			const cluster = clusters.get(name);
			if (cluster === undefined) throw new Error(`region ${name} is unknown`);
			return cluster;
		},
		async stop() {
			await Promise.all([...clusters.values()].map((cluster) => cluster.stop()));
		},
	};
}

/** Starts regions for all tests of a file, and waits until their nodes agree. */
export function shareRegions(names: readonly string[], roles: Roles, flags: Flags = {}): () => TestRegions {
	let regions: TestRegions | undefined;
	beforeAll(async () => {
		regions = await startEach(names, roles, flags);
		await Promise.all(names.map((name) => regions?.region(name).agreed()));
	}, 20_000);
	afterAll(() => regions?.stop(), 20_000);
	return () => {
		if (regions === undefined) throw new Error('the regions of this file are not up yet');
		return regions;
	};
}

/** Starts one cluster for all tests of a file, and waits until its nodes agree: at most this long, in milliseconds. */
export function shareCluster(roles: Roles, flags?: Flags, absent?: Roles, timeoutMs = 20_000): () => TestCluster {
	let cluster: TestCluster | undefined;
	beforeAll(async () => {
		cluster = await start(roles, flags, absent);
		await cluster.agreed();
	}, timeoutMs);
	afterAll(() => cluster?.stop(), timeoutMs);
	return () => {
		if (cluster === undefined) throw new Error('the cluster of this file is not up yet');
		return cluster;
	};
}
