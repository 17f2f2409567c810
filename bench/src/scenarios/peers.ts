import { VIDEO, withEnvironment } from '../bench-environment.ts';
import { likesAtRate } from '../load/like-load.ts';
import { measureServer, type PeerMeasures, peerFigures } from '../peers/measure-peer.ts';
import { findPeers, type PeerKind } from '../peers/peers.ts';
import { plainSendRate } from '../plain-send.ts';
import type { Scenario, ScenarioOptions } from '../scenario.ts';
import { createViewers } from '../viewers/viewers.ts';

/** Enough that a like waits whenever a pass ends: with the least window the gateway never idles. */
const SATURATING_LIKES = 100;
const WINDOW_MS = 1;

/** What a gateway adds to the JSON of a likes event: the heads and ends of two chunks, the names of fields, a comment. */
const FRAMING_BYTES = 36;

export const peers: Scenario = {
	name: 'peers',
	about: 'the gateway and other servers send the same bytes to the same number of viewers, one after the other',
	seconds: 5,

	async run(options) {
		const { client, viewers: count, progress } = options;
		if (client.language !== 'c') throw new Error('the viewers of other servers need a C compiler');
		progress(`the gateway, with ${count} viewers`);
		const own = await measureGateway(options);
		const kinds = findPeers();
		const measured: [name: string, measures: PeerMeasures][] = [['gateway', own]];
		for (const kind of kinds) {
			if (kind.missing === undefined) {
				progress(kind.name);
				measured.push([kind.name, await measurePeer(kind, own, options)]);
			} else progress(`${kind.name} is left out: ${kind.missing}`);
		}
		progress('the same with a C program that only sends');
		const floor = (await plainSendRate(client, count, own.saturated.bytesPerFrame))?.perCpuSecond;
		return {
			figures: [
				...measured.flatMap(([name, measures]) => peerFigures(name, measures)),
				{ label: 'send() of the same bytes in C alone', value: floor ?? Number.NaN, unit: '/s', isFloor: true },
			],
			checks: measured.flatMap(([, { checks }]) => checks),
			details: {
				leftOut: kinds.flatMap(({ name, missing }) => (missing === undefined ? [] : [{ name, missing }])),
				latencies: Object.fromEntries(
					measured.map(([name, { saturated, steady }]) => [
						name,
						{ saturated: saturated.latency.summary(), steady: steady.latency.summary() },
					]),
				),
			},
		};
	},
};

function measureGateway(options: ScenarioOptions): Promise<PeerMeasures> {
	const { viewers: count, seconds } = options;
	return withEnvironment(options, ['--window-ms', String(WINDOW_MS)], async ({ gateway, viewers }) => {
		let hearts = 0;
		const measured = {
			...{ name: 'gateway', pid: gateway.pid, viewers },
			async play(forSeconds: number, perSecond = SATURATING_LIKES) {
				const load = { port: gateway.port, video: VIDEO, seconds: forSeconds, connections: 32 };
				hearts += (await likesAtRate(perSecond, load)).accepted.size;
				return { hearts };
			},
		};
		return measureServer(measured, count, seconds);
	});
}

/** Measures a peer whose events have as many bytes as those of the gateway in the same phase. */
async function measurePeer(kind: PeerKind, own: PeerMeasures, options: ScenarioOptions): Promise<PeerMeasures> {
	const { client, viewers: count, seconds } = options;
	const peer = await kind.start(count);
	const viewers = createViewers(client, peer.port, kind.stream);
	let hearts = 0;
	try {
		const measured = {
			...{ name: kind.name, pid: peer.pid, viewers },
			async play(forSeconds: number, perSecond?: number) {
				const { bytesPerFrame } = perSecond === undefined ? own.saturated : own.steady;
				const bytes = Math.round(bytesPerFrame) - FRAMING_BYTES;
				const { sent } = await peer.play({ seconds: forSeconds, bytes, ...(perSecond && { perSecond }) });
				hearts += sent;
				return { hearts, frames: sent };
			},
		};
		return await measureServer(measured, count, seconds);
	} finally {
		await viewers.close();
		await peer.close();
	}
}
