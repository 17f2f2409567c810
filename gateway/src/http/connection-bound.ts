import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Logger } from 'pino';
import { monotonicNow } from '../runtime/clock.ts';
import { GatewayError } from '../runtime/errors.ts';
import { OnceAMinute } from '../runtime/once-a-minute.ts';
import { problem } from './answer.ts';
import { sendAnswer } from './send.ts';

/**
 * The descriptors for files, the store, other nodes and the internal port: a quarter of all, within
 * these bounds.
 */
const RESERVE = { least: 96, most: 1_024 };

/**
 * Connections beyond the bound, for requests with short answers: an eighth of the bound, within these
 * bounds.
 */
const MARGIN = { least: 8, most: 256 };

/** The figures of client connections that operators see. */
export interface ConnectionFigures {
	readonly open: number;
	/** Beyond this number the node refuses streams, and closes a connection after its next answer. */
	readonly max: number;
	/** The connections and streams that the node refused since the start. */
	readonly refused: number;
}

/** Counts connections and bounds them, so that a node keeps descriptors for its other work. */
export interface ConnectionBound {
	/** Counts the connections of a listener for clients; closes new ones beyond the margin with 503. */
	guard(app: TemplatedApp): void;
	/**
	 * Counts the connections of the internal listener. It closes none, since the nodes of the cluster
	 * bound their number.
	 */
	count(app: TemplatedApp): void;
	/**
	 * A WebSocket of a client closed; the server library reports only the end of connections that stayed
	 * HTTP.
	 */
	socketClosed(): void;
	/** Whether the node has no room for another stream. */
	readonly isFull: boolean;
	/** Whether it has more connections than it should keep: each answer is the last one on its connection. */
	readonly isOverfull: boolean;
	/** Returns whether a stream may begin; counts it as refused when it may not. */
	admitsStream(): boolean;
	readonly figures: ConnectionFigures;
}

export interface ConnectionBoundOptions {
	/** The setting; 0 when the bound follows from the descriptors. */
	readonly maxConnections: number;
	/** The number of descriptors that this process may have. */
	readonly descriptors: number;
	/** The descriptors that the store may take. */
	readonly storeDescriptors: number;
	/** The descriptors that a stream takes: two on a node that proxies it. */
	readonly perStream: 1 | 2;
	readonly logger: Logger;
}

/** Returns the most connections that the descriptors of a process leave room for, with their margin. */
export function connectionsWithin(options: Omit<ConnectionBoundOptions, 'maxConnections' | 'logger'>): number {
	const { descriptors, storeDescriptors, perStream } = options;
	const reserve = within(RESERVE, descriptors / 4) + storeDescriptors;
	const room = Math.max(0, (descriptors - reserve) / perStream);
	return Math.max(1, Math.floor(room - within(MARGIN, room / 8)));
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): number {
	return Math.floor(Math.min(most, Math.max(least, value)));
}

export function createConnectionBound(options: ConnectionBoundOptions): ConnectionBound {
	const { maxConnections, logger } = options;
	const possible = connectionsWithin(options);
	const max = maxConnections === 0 ? possible : Math.min(maxConnections, possible);
	if (max < maxConnections) {
		const { descriptors } = options;
		logger.warn({ maxConnections, max, descriptors }, 'the descriptor limit leaves room for fewer connections');
	}
	const margin = within(MARGIN, max / 8);
	let clients = 0;
	let internal = 0;
	let refused = 0;
	const lines = new OnceAMinute();

	/** Returns the free room. Streams that other nodes proxy arrive at the internal listener. */
	const left = () => Math.min(max - clients, possible - clients - internal);

	function noteRefused(): void {
		refused++;
		if (!lines.admits(undefined, monotonicNow())) return;
		logger.warn({ open: clients, max, refused }, 'connection limit reached; connections rejected');
	}

	/** Answers before the request arrives, which may never happen. */
	function refuse(res: HttpResponse): void {
		noteRefused();
		const error = new GatewayError(
			'overloaded',
			'This node reached its limit of connections; connect to another node.',
		);
		sendAnswer(res, 'GET', problem(error), {}, 'close');
	}

	function onClient(res: HttpResponse, change: number): void {
		clients += change;
		if (change > 0 && left() < -margin) refuse(res);
	}

	function onInternal(_: HttpResponse, change: number): void {
		internal += change;
	}

	return {
		guard: (app) => void app.filter(onClient),
		count: (app) => void app.filter(onInternal),
		socketClosed() {
			clients--;
		},
		get isFull() {
			return left() <= 0;
		},
		get isOverfull() {
			return left() < 0;
		},
		admitsStream() {
			// The connection of the request is counted already.
			if (left() >= 0) return true;
			noteRefused();
			return false;
		},
		get figures() {
			return { open: clients, max, refused };
		},
	};
}
