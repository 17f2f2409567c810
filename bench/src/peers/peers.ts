import type { OtherStream } from '../viewers/viewers.ts';
import { findNchan, startNchan } from './nchan.ts';
import { type PeerProcess, startPeerProcess } from './peer-process.ts';

/** A server that the gateway is compared with. */
export interface PeerKind {
	readonly name: string;
	/** The stream of its viewers. */
	readonly stream: OtherStream;
	/** Why it cannot run on this machine. */
	readonly missing?: string;
	/** Starts it on the cores of servers. */
	start(viewers: number): Promise<PeerProcess>;
}

function inNode(name: string, module: URL, stream: OtherStream): PeerKind {
	return { name, stream, start: () => startPeerProcess('server', module) };
}

/** Returns all peers, with those that are not installed. */
export function findPeers(): PeerKind[] {
	return [
		inNode('uWebSockets.js alone', new URL('uws-server.ts', import.meta.url), { path: '/', protocol: 'event stream' }),
		nchan(),
		inNode('ws', new URL('ws-server.ts', import.meta.url), { path: '/', protocol: 'websocket' }),
		inNode('Socket.IO', new URL('socket-io-server.ts', import.meta.url), {
			path: '/socket.io/?EIO=4&transport=websocket',
			protocol: 'socket.io',
		}),
		inNode('better-sse', new URL('better-sse-server.ts', import.meta.url), { path: '/', protocol: 'event stream' }),
	];
}

function nchan(): PeerKind {
	const kind = { name: 'Nchan', stream: { path: '/stream', protocol: 'event stream' } } as const;
	const installed = findNchan();
	if ('missing' in installed) {
		const start = () => Promise.reject(new Error(installed.missing));
		return { ...kind, missing: installed.missing, start };
	}
	return {
		...kind,
		async start(viewers) {
			const { port, pid, close } = await startNchan(installed, viewers);
			// The publisher is load, as clients that write likes are.
			const publisher = await startPeerProcess('load', new URL('nchan-publisher.ts', import.meta.url), [String(port)]);
			return {
				port,
				pid,
				play: publisher.play,
				async close() {
					await publisher.close();
					await close();
				},
			};
		},
	};
}
