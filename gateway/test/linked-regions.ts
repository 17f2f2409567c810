import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createApp, type Gateway } from '../src/app.ts';
import { type Flags, parseConfig } from '../src/config/config.ts';
import { CLUSTER_SECRET, type ReportedMember } from './cluster.ts';
import { TcpGate } from './tcp-gate.ts';
import { testDirectory } from './temporary-directory.ts';

/** A region of one node with all roles, which stops at the end of the test. */
export interface LinkedRegion {
	readonly name: string;
	/** The address for viewers, which changes with each start. */
	readonly url: string;
	readonly internalUrl: string;
	readonly dataDir: string;
	/** Resolves with the report of the node about itself. */
	report(): Promise<ReportedMember>;
	start(more?: Flags): Promise<void>;
	stop(): Promise<void>;
}

/** Regions with links that a test can cut, separately for each direction. */
export interface LinkedRegions {
	region(name: string): LinkedRegion;
	/** Returns the link from one region to another. */
	link(from: string, to: string): TcpGate;
	/** The links of all regions. */
	readonly links: readonly TcpGate[];
}

const NOWHERE = 'http://127.0.0.1:9';

/** Creates regions that know each other, and starts them, but for those in `stopped`. */
export async function linkRegions(
	names: readonly string[],
	flags: Flags = {},
	stopped: readonly string[] = [],
): Promise<LinkedRegions> {
	const links = new Map<string, TcpGate>();
	for (const from of names) {
		for (const to of names) if (from !== to) links.set(`${from} ${to}`, await TcpGate.before(NOWHERE));
	}
	function link(from: string, to: string): TcpGate {
		const gate = links.get(`${from} ${to}`);
		if (gate === undefined) throw new Error(`a link from ${from} to ${to} does not exist`);
		return gate;
	}

	function createRegion(name: string): LinkedRegion {
		const dataDir = testDirectory();
		const others = names.filter((other) => other !== name);
		let gateway: Gateway | undefined;
		const running = () => {
			if (gateway === undefined) throw new Error(`the region ${name} does not run`);
			return gateway;
		};
		const region: LinkedRegion = {
			name,
			dataDir,
			get url() {
				return running().url;
			},
			get internalUrl() {
				return running().internalUrl;
			},
			async report() {
				const { members } = (await (await fetch(`${running().internalUrl}/v1/cluster`)).json()) as {
					members: readonly [ReportedMember];
				};
				return members[0];
			},
			async start(more = {}) {
				const regions = others.map((other) => `${other}=${link(name, other).url.replace('http://', '')}`).join();
				const config = parseConfig(
					{},
					{
						port: '0',
						internalPort: '0',
						staticDir: 'none',
						drainMs: '0',
						drainMinMs: '0',
						windowMs: '5',
						commitWindowMs: '1',
						clusterSecret: CLUSTER_SECRET,
						region: name,
						regions,
						dataDir,
						...flags,
						...more,
					},
				);
				gateway = await createApp(config, pino({ level: 'silent' }));
				for (const other of others) link(other, name).leadTo(gateway.internalUrl);
			},
			async stop() {
				const stopping = gateway;
				gateway = undefined;
				await stopping?.close();
			},
		};
		onTestFinished(() => region.stop());
		return region;
	}

	const regions = new Map(names.map((name) => [name, createRegion(name)]));
	for (const region of regions.values()) if (!stopped.includes(region.name)) await region.start();
	return {
		link,
		links: [...links.values()],
		region(name) {
			const region = regions.get(name);
			if (region === undefined) throw new Error(`region ${name} is unknown`);
			return region;
		},
	};
}
