// The client for machines without a C compiler. It has the commands of viewers/viewers.c, for fewer viewers.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Group, LikesStream } from './likes-stream.ts';
import type { ClientMessage } from './viewer-report.ts';

/** The number of connections that open at a time: the listen backlog of the gateway is 512. */
const MAX_OPENING = 200;

const [port = '', path = '', localAddress = '127.0.0.1', coding] = process.argv.slice(2);
const ACCEPTED = coding === 'gzip' ? 'Accept-Encoding: gzip\r\n' : '';

interface Viewer {
	readonly group: Group;
	readonly stream: LikesStream;
	readonly socket: Socket;
}

const viewers: Viewer[] = [];
const groups = new Map<string, Group>();

function send(message: ClientMessage): void {
	process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Opens one viewer; resolves when it has its snapshot or closed. */
function open(group: Group): Promise<void> {
	return new Promise((resolve) => {
		const stream = new LikesStream(group, () => resolve());
		const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress });
		group.opened++;
		viewers.push({ group, stream, socket });
		socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\n${ACCEPTED}\r\n`);
		socket.on('data', (chunk) => {
			if (!stream.receive(chunk, performance.timeOrigin + performance.now())) socket.destroy();
		});
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			group.closed++;
			resolve();
		});
	});
}

async function openAll(group: Group, count: number): Promise<void> {
	let left = count;
	const opener = async () => {
		while (left-- > 0) await open(group);
	};
	await Promise.all(Array.from({ length: MAX_OPENING }, opener));
	send({ event: 'settled' });
}

function report(): void {
	const { user, system } = process.cpuUsage();
	const reports = [...groups.values()].map((group) =>
		group.report(
			viewers.flatMap(({ group: own, stream }) => (own === group && stream.sum !== undefined ? [stream.sum] : [])),
		),
	);
	send({ event: 'report', cpuMs: Math.round((user + system) / 1000), groups: reports });
}

function execute(line: string): void {
	const [verb, name = '', count = '0'] = line.split(' ');
	const group = groups.get(name) ?? new Group(name);
	if (verb === 'open') {
		groups.set(name, group);
		void openAll(group, Number(count));
	} else if (verb === 'pause' || verb === 'resume') {
		for (const viewer of viewers) if (viewer.group === group) viewer.socket[verb]();
	} else if (verb === 'reset') for (const known of groups.values()) known.reset();
	else if (verb === 'report') report();
}

const lines = createInterface({ input: process.stdin });
lines.on('line', execute);
lines.on('close', () => process.exit(0));
