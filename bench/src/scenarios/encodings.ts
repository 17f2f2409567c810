import { encodeEvent, type LikesEvent, uuid } from '@likewire/protocol';
import { UwsStreamSocket } from '../../../gateway/src/frontend/connections/uws-stream-socket.ts';
import { listen } from '../../../gateway/src/http/listener.ts';
import { deflatedBlocks } from '../../../gateway/src/http/stream/gzip-blocks.ts';
import { shareFrame } from '../../../gateway/src/http/stream/shared-frames.ts';
import { GZIP, IDENTITY } from '../../../gateway/src/http/stream/stream-encoding.ts';
import { after, VIDEO } from '../bench-environment.ts';
import type { Scenario } from '../scenario.ts';
import { createViewers } from '../viewers/viewers.ts';

/** The most viewers of one encoding: one process has room for 20,000 sockets. */
const MAX_VIEWERS = 9_000;

/** The time of a pass for each viewer, in milliseconds, in which the clients read what it sent. */
const REST_MS = 1 / 40;
const LEAST_REST_MS = 20;

const ENCODINGS = ['plain', 'gzip'] as const;
type Encoding = (typeof ENCODINGS)[number];

const encoder = new TextEncoder();

/** Returns a likes frame with a sample of `shown` likes; a snapshot without. */
function likesFrame(hearts: number, shown: number): Uint8Array {
	const at = Date.now();
	const recent = Array.from({ length: shown }, (_, index) => {
		return { id: uuid(at), user: `user-${(hearts * 7 + index * 4_001) % 100_000}`, type: 'heart', at: at - index * 9 };
	});
	const delta = shown > 0 ? { heart: shown } : {};
	const event: LikesEvent = {
		video: VIDEO,
		totals: { heart: hearts },
		delta,
		recent,
		shown,
		of: shown,
		revision: hearts,
		at,
	};
	return encoder.encode(encodeEvent('likes', event));
}

/** Returns the time that a part of all times does not exceed. */
function quantile(times: readonly number[], part: number): number {
	return [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN;
}

/** Serves streams of both encodings from this process, and sends all viewers of one the same frames. */
async function serveBoth() {
	const sockets: Record<Encoding, UwsStreamSocket[]> = { plain: [], gzip: [] };
	const hearts: Record<Encoding, number> = { plain: 1_000, gzip: 1_000 };
	let blocked = 0;
	const { port, close } = await listen('127.0.0.1', 0, (app) => {
		app.get('/v1/stream', (res, req) => {
			const encoding = req.getHeader('accept-encoding') === 'gzip' ? 'gzip' : 'plain';
			const events = { onGone: () => undefined, onDrained: () => undefined };
			const socket = new UwsStreamSocket(res, {}, encoding === 'gzip' ? GZIP : IDENTITY, events);
			socket.write(likesFrame(hearts[encoding], 0));
			sockets[encoding].push(socket);
		});
	});
	return {
		port,
		close,
		get blocked() {
			return blocked;
		},
		/** Returns the CPU time of a frame to one viewer, in microseconds. */
		pass(encoding: Encoding, shown: number): number {
			hearts[encoding] += shown;
			const frame = likesFrame(hearts[encoding], shown);
			const from = process.cpuUsage();
			shareFrame(frame, true);
			for (const socket of sockets[encoding]) if (!socket.write(frame)) blocked++;
			const { user, system } = process.cpuUsage(from);
			return (user + system) / sockets[encoding].length;
		},
	};
}

export const encodings: Scenario = {
	name: 'encodings',
	about: 'a frame to viewers that accept gzip and to others, in turn, from one process; half of the viewers each',
	seconds: 20,
	ownCode: true,

	async run({ viewers: all, seconds, client, progress }) {
		const count = Math.min(Math.ceil(all / 2), MAX_VIEWERS);
		const server = await serveBoth();
		const groups = ENCODINGS.map((encoding) => ({
			encoding,
			viewers: createViewers({ ...client, gzip: encoding === 'gzip' }, server.port, VIDEO),
			cpu: [] as number[],
		}));
		progress(`opening ${count} viewers of each`);
		for (const { encoding, viewers } of groups) await viewers.open(encoding, count);
		progress(`sending frames for ${seconds} s`);
		const end = performance.now() + seconds * 1000;
		for (let pass = 0; performance.now() < end || pass < 10; pass++) {
			for (const { encoding, cpu } of groups) {
				const microseconds = server.pass(encoding, 8);
				// V8 compiles the code in the first passes.
				if (pass >= 5) cpu.push(microseconds);
				await after(Math.max(LEAST_REST_MS, count * REST_MS));
			}
		}
		const checks = [];
		for (const { encoding, viewers } of groups) {
			const group = (await viewers.report()).groups.get(encoding);
			const violations = { ...group?.violations, closed: group?.closed };
			const ok = group !== undefined && Object.values(violations).every((times) => times === 0);
			checks.push({
				label: `${encoding}: snapshot + deltas = totals in every frame`,
				ok,
				detail: JSON.stringify(violations),
			});
			await viewers.close();
		}
		server.close();
		const sizes = [8, 4, 1].flatMap((shown) => {
			const frame = likesFrame(123_456, shown);
			const [plain, gzip] = [frame.length, deflatedBlocks(frame).bytes.length];
			return [
				{ label: `bytes with ${shown} likes, plain`, value: plain, unit: 'B' },
				{ label: '… gzip', value: gzip, unit: 'B' },
			];
		});
		const cpu = groups.flatMap(({ encoding, cpu: times }) => [
			{ label: `CPU of a frame, ${encoding}, P25`, value: quantile(times, 0.25), unit: 'µs' },
			{ label: '… median', value: quantile(times, 0.5), unit: 'µs' },
		]);
		return { figures: [...cpu, ...sizes], checks, details: { viewersOfEach: count, blocked: server.blocked } };
	},
};
