import { paths } from '@likewire/protocol';
import { temporary } from './errors.ts';
import { reasonOf } from './reason.ts';
import type { Transport, TransportHandlers } from './transport.ts';

/** A text frame of the gateway. */
interface Frame {
	readonly event: string;
	readonly id?: string;
	readonly data: object;
}

/**
 * Creates the events of a stream over a WebSocket.
 * Some networks and platforms hold back Server-Sent Events.
 */
export function createWebSocketTransport(handlers: TransportHandlers): Transport {
	let socket: WebSocket | undefined;
	let timer: ReturnType<typeof setTimeout> | undefined;
	/** Aborts when the reason why a socket did not open is no longer needed. */
	let asking: AbortController | undefined;
	/** Counts attempts; events of an earlier one are dropped. */
	let attempt = 0;

	function end(): void {
		attempt++;
		clearTimeout(timer);
		asking?.abort();
		socket?.close();
		socket = undefined;
	}

	function fail(error: unknown): void {
		end();
		const mine = attempt;
		const waitMs = Math.random() * handlers.onDown(error);
		// The connection may have closed this transport.
		if (mine === attempt) timer = setTimeout(open, waitMs);
	}

	async function open(): Promise<void> {
		const mine = ++attempt;
		const isOver = () => mine !== attempt;
		try {
			const address = await handlers.address();
			if (isOver()) return;
			const url = address.replace(/\?.*/, '').replace(paths.stream, paths.socket);
			const opening = new WebSocket(address.replace(/^http/, 'ws').replace(paths.stream, paths.socket));
			socket = opening;
			let opened = false;
			opening.onopen = () => {
				opened = true;
			};
			opening.onmessage = ({ data: text }) => {
				if (isOver()) return;
				try {
					const { event, data, id }: Frame = JSON.parse(text);
					handlers.onMessage(event, data, id);
				} catch (cause) {
					fail(temporary('unexpected_answer', `The socket of ${url} sent a frame that cannot be read.`, cause));
				}
			};
			opening.onclose = async () => {
				if (isOver()) return;
				// A platform does not say why an upgrade was refused. A poll is refused for the same reasons, and ends by
				// itself: React Native answers a request only when it is complete, and a stream never is.
				asking = new AbortController();
				const poll = address.replace(paths.stream, paths.poll);
				const reason = opened ? undefined : await reasonOf(poll, url, asking.signal);
				if (!isOver()) fail(reason ?? temporary('network', `The socket of ${url} closed.`));
			};
		} catch (error) {
			if (!isOver()) fail(error);
		}
	}

	void open();
	return { fail, close: end };
}
