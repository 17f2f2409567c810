import { resolve } from 'node:path';
import type { Balancer } from './balancer.ts';
import { type Command, parseCommandLine } from './command-line.ts';
import { isFree } from './free-ports.ts';
import { findHaproxy, startHaproxy } from './haproxy.ts';
import { type LocalCluster, startCluster } from './local-cluster.ts';
import type { LocalNode } from './local-node.ts';
import type { Exit } from './local-process.ts';
import { readableLog } from './readable-log.ts';
import { createScreen } from './screen.ts';
import { readStatus, statusLines } from './status.ts';
import { table } from './table.ts';

/** The internal port of a node is so much above its public one. */
const INTERNAL_OFFSET = 1_000;
const REFRESH_MS = 1_000;
/** A second signal within this time, in milliseconds, is the first one again. */
const ECHO_MS = 500;
/** So much of the log of a node that ended is shown. */
const SHOWN_LOG_LINES = 15;

const { stdout } = process;
const screen = createScreen(stdout);

function fail(problems: readonly string[]): never {
	for (const problem of problems) process.stderr.write(`cluster: ${problem}\n`);
	process.exit(1);
}

function sayEnded(name: string, how: string | number | null, log: string): void {
	const lines = readableLog(log, SHOWN_LOG_LINES).map((line) => `    ${line}\n`);
	screen.say(`\n  ${name} ended by itself (${how}); the others go on. The end of its log:\n\n${lines.join('')}`);
}

/** Ports one behind the other, or free ones. */
async function choosePorts({ port, likes, dispatchers, frontends }: Command & { kind: 'start' }) {
	if (port === 0) return undefined;
	const portsOf = (index: number) => ({ port: port + 1 + index, internalPort: port + 1 + index + INTERNAL_OFFSET });
	const nodes = Array.from({ length: likes + dispatchers + frontends }, (_, index) => portsOf(index));
	const wanted = [port, ...nodes.flatMap((ports) => [ports.port, ports.internalPort])];
	const busy: number[] = [];
	for (const one of wanted) if (!(await isFree(one))) busy.push(one);
	if (busy.length > 0) fail([`in use: port ${busy.join(', ')}; --port starts elsewhere, --port 0 takes free ones`]);
	return portsOf;
}

function describe(cluster: LocalCluster, balancer: Balancer | undefined): string {
	const [first] = cluster.frontends as [LocalNode];
	const demo = balancer
		? [balancer.url, 'through HAProxy']
		: [first.url, `of ${first.node}; for one address of all: ${HINT}`];
	const places = table([
		['Demo', ...demo],
		['Cluster', `${first.internalUrl}/v1/cluster`, 'every node has its own view of it'],
		...(cluster.etcd ? [['etcd', cluster.etcd.endpoints, 'etcdctl get --prefix /likewire/']] : []),
	]);
	const nodes = table([
		['node', 'role', 'for viewers', 'for operators', 'process'],
		...cluster.nodes.map((node) => [node.node, node.roles.join(), node.url, node.internalUrl, node.pid]),
	]);
	const lines = [
		'',
		...places,
		'',
		...nodes,
		'',
		'On loopback only. Kill one and watch: kill -9 PROCESS. CTRL-C stops.',
		'',
	];
	return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}

const HINT = 'install haproxy (Debian: apt-get install haproxy)';

async function run(command: Command & { kind: 'start' }): Promise<void> {
	const portsOf = await choosePorts(command);
	const { likes, dispatchers, frontends, port, dataDir, etcd, flags } = command;
	screen.say(`Starting ${likes + dispatchers + frontends} nodes …`);
	const cluster = await startCluster({
		likes,
		dispatchers,
		frontends,
		flags,
		membership: etcd ? 'etcd' : 'static',
		...(portsOf && { portsOf }),
		...(dataDir !== undefined && { dataDir: resolve(dataDir) }),
		onUnexpectedEnd: (node: LocalNode, { code, signal }: Exit) => sayEnded(node.node, signal ?? code, node.log),
	});
	const balancer = findHaproxy()
		? await startHaproxy({
				frontends: cluster.frontends,
				...(port > 0 && { port }),
				onUnexpectedEnd: (log) => sayEnded('HAProxy', 'its log says why', log),
			})
		: undefined;

	screen.say(describe(cluster, balancer));
	let stoppingSince: number | undefined;
	async function watch(): Promise<void> {
		while (stoppingSince === undefined) {
			const lines = statusLines(await readStatus(cluster.nodes));
			if (stoppingSince !== undefined) return;
			screen.show(lines.map((line) => `  ${line}`));
			// A picture for people, drawn anew at a steady pace: nothing is waited for.
			await new Promise((done) => setTimeout(done, REFRESH_MS));
		}
	}
	async function stop(): Promise<void> {
		const now = performance.now();
		// npm hands on a CTRL-C that the terminal has given to this process already.
		if (stoppingSince !== undefined && now - stoppingSince < ECHO_MS) return;
		// What is left ends with this process.
		if (stoppingSince !== undefined) process.exit(130);
		stoppingSince = now;
		screen.show([]);
		screen.say('\n  Stopping; once more stops at once …');
		await cluster.stop();
		await balancer?.stop();
		screen.say('  Stopped.');
		process.exit(0);
	}
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
	if (stdout.isTTY) await watch();
}

const command = parseCommandLine(process.argv.slice(2));
if (command.kind === 'help') stdout.write(command.text);
else if (command.kind === 'wrong') fail(command.problems);
else await run(command).catch((error: unknown) => fail([error instanceof Error ? error.message : String(error)]));
