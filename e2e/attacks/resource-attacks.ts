import { paths } from '@likewire/protocol';
import { type Attack, expectStatuses } from './attack.ts';
import { requestText } from './stranger.ts';

const JSON_TYPE = 'Content-Type: application/json';
const EVE = 'X-Likewire-User: eve';
const VIDEO = 'attacked';

/** The file that slow clients download. */
export const LARGE_FILE = { name: 'large.bin', bytes: 8 * 1024 * 1024 } as const;

const post = (path: string, body: string, ...headers: string[]) =>
	requestText(`POST ${path}`, [JSON_TYPE, EVE, `Content-Length: ${body.length}`, ...headers], body);

/** A body in chunks of one byte each. */
const tinyChunks = (bytes: number) => '1\r\nx\r\n'.repeat(bytes);

/** Attacks on memory, time and connections. */
export const RESOURCE_ATTACKS: readonly Attack[] = [
	{
		name: '10 replay cursors',
		about: '180 streams that resume a log of 1,000 long events, each at another place',
		mode: 'development',
		short: true,
		async run({ open, until, target, strangers }) {
			const topic = 'attacked-log';
			const reader = open(undefined, { keeps: Number.POSITIVE_INFINITY });
			reader.write(requestText(`GET ${paths.stream}?topic=${topic}`, [EVE]));
			// The stream starts with the cursor of the beginning of the log, before the cursors of events.
			await until('the beginning of the log', () => cursorsOf(reader.text).length > 0);
			// Characters of three bytes: a cached page takes far more memory than the length of its text.
			const body = JSON.stringify({ name: 'long', data: '☃'.repeat(850) });
			const publish = () =>
				fetch(target.url + paths.topicEvents(topic), {
					method: 'POST',
					headers: { 'Content-Type': 'application/json' },
					body,
				});
			for (let sent = 0; sent < 1_000 && target.alive; sent += 20) {
				await Promise.all(Array.from({ length: 20 }, () => publish().catch(() => undefined)));
			}
			await until('all events on a stream', () => cursorsOf(reader.text).length > 1_000);
			const [, ...cursors] = cursorsOf(reader.text);
			const last = `id: ${cursors.at(-1)}\n`;
			for (const cursor of cursors.slice(0, 180)) {
				const query = `topic=${topic}&cursor=${encodeURIComponent(cursor)}`;
				open(undefined, { keeps: 0 }).write(requestText(`GET ${paths.stream}?${query}`, [EVE]));
			}
			const resumed = strangers.slice(1);
			await until('the end of all replays', () => resumed.every(({ tail, closed }) => closed || tail.includes(last)));
			return `${resumed.filter(({ tail }) => tail.includes(last)).length} replays to the end`;
		},
	},
	{
		name: '11 tiny chunks',
		about: '2 MB in chunks of one byte, on 8 connections of each port',
		mode: 'development',
		short: true,
		async run({ open, wait, target, strangers }) {
			for (const [port, path] of [
				[target.port, paths.likes(VIDEO)],
				[target.internalPort, '/internal/v1/publish'],
			] as const) {
				for (let index = 0; index < 8; index++) {
					const stranger = open(port);
					stranger.write(requestText(`POST ${path}`, [JSON_TYPE, 'Transfer-Encoding: chunked']));
					stranger.write(tinyChunks(256 * 1024));
				}
			}
			await wait(() => strangers.every(({ closed }) => closed));
			if (!strangers.every(({ closed }) => closed)) throw new Error('a connection stayed open');
			// A client that still writes when the gateway closes the connection may not read the answer.
			return `closed; ${expectStatuses(strangers, [411])}`;
		},
	},
	{
		name: '11 slow bodies',
		about: '100 bodies of 16 KiB that stop in the middle, and 8 of 1 MiB for the internal port',
		mode: 'development',
		short: false,
		async run({ open, wait, target, strangers }) {
			for (let index = 0; index < 100; index++) {
				open().write(
					requestText(`POST ${paths.likes(VIDEO)}`, [JSON_TYPE, EVE, 'Content-Length: 16384'], 'x'.repeat(8_192)),
				);
			}
			for (let index = 0; index < 8; index++) {
				const head = requestText('POST /internal/v1/publish', [JSON_TYPE, 'Content-Length: 1048576']);
				open(target.internalPort).write(head + 'x'.repeat(512 * 1024));
			}
			await wait();
			return expectStatuses(strangers, [401, 408]);
		},
	},
	{
		name: '12 large cursors',
		about: '200 reads of a history after offsets that no log has',
		mode: 'development',
		short: true,
		async run({ open, wait, target, strangers }) {
			const numbers = [2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER, -1];
			for (let index = 0; index < 200; index++) {
				const number = numbers[index % numbers.length];
				const cursor = Buffer.from(JSON.stringify([number, 'local', number])).toString('base64url');
				open().write(requestText(`GET ${paths.comments(VIDEO)}?before=${cursor}`, [EVE, 'Connection: close']));
			}
			await wait(() => strangers.every(({ status }) => status !== undefined));
			const { status } = await fetch(`${target.internalUrl}/readyz`);
			if (status !== 200) throw new Error(`the node is not ready: ${status}`);
			return expectStatuses(strangers, [200, 400]);
		},
	},
	{
		name: '13 arrays of wrong values',
		about: '200 bodies with 7,000 wrong values each',
		mode: 'development',
		short: true,
		async run({ open, wait, strangers }) {
			const body = JSON.stringify({
				id: Array(7_000).fill(1),
				type: Array(100).fill(1),
				region: { x: Array(300).fill(1) },
			});
			for (let index = 0; index < 200; index++) open().write(post(paths.likes(VIDEO), body));
			await wait(() => strangers.every(({ status }) => status !== undefined));
			const [sent, received] = [sumOf(strangers, 'sentBytes'), sumOf(strangers, 'receivedBytes')];
			if (received > sent) throw new Error(`the gateway answered ${received} bytes to ${sent}`);
			return expectStatuses(strangers, [400]);
		},
	},
	{
		name: '13 slow downloads',
		about: '150 downloads of 8 MiB by clients that read nothing',
		mode: 'development',
		short: true,
		async run({ open, wait }) {
			for (let index = 0; index < 150; index++) {
				open(undefined, { reads: false }).write(requestText(`GET /${LARGE_FILE.name}`));
			}
			await wait();
			return 'sent only as far as they were read';
		},
	},
	{
		name: '14 connections',
		about: '700 connections, half of them silent and half with a stream, of a limit of 512 descriptors',
		mode: 'development',
		short: true,
		async run({ open, wait, target, strangers }) {
			for (let index = 0; index < 700; index++) {
				const stranger = open();
				if (index % 2 === 0) stranger.write(requestText(`GET ${paths.stream}?video=${VIDEO}`, [EVE]));
			}
			await wait(() => strangers.filter(({ closed }) => closed).length > 200);
			const { status } = await fetch(`${target.internalUrl}/readyz`);
			if (status !== 200) throw new Error(`the internal port answers ${status}`);
			await wait();
			return `${strangers.filter(({ closed }) => closed).length} refused`;
		},
	},
];

/** Returns the cursors of the events in the text of a stream. */
function cursorsOf(text: string): string[] {
	return [...text.matchAll(/^id: (\S+)$/gm)].map(([, id = '']) => id);
}

function sumOf<Key extends string>(all: readonly Readonly<Record<Key, number>>[], key: Key): number {
	return all.reduce((sum, one) => sum + one[key], 0);
}
