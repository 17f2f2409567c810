import { randomUUID } from 'node:crypto';
import { Histogram } from '../measure/histogram.ts';
import { LikeConnection } from './like-connection.ts';

/** The sequence of reactions: two of three are hearts. */
const MIX = ['heart', 'heart', 'like', 'heart', 'heart', 'clap', 'heart', 'laugh', 'heart', 'heart', 'wow', 'heart'];

/** The limit of likes that wait for a free connection; beyond it the gateway has collapsed, and the run ends. */
const MAX_BACKLOG = 10_000;

/** The sent likes, and their answers. */
export class Ledger {
	sent = 0;
	/** The ids of likes with the answer 201. */
	readonly accepted = new Set<string>();
	/** Other answers by status; 0 without an answer, so the like may be stored or not. */
	readonly others = new Map<number, number>();
	/** From the due time of a like to its answer, in milliseconds. */
	readonly answerMs = new Histogram();

	record(id: string, status: number, ms: number): void {
		if (status === 201) this.accepted.add(id);
		else this.others.set(status, (this.others.get(status) ?? 0) + 1);
		this.answerMs.record(ms);
	}
}

export interface LoadOptions {
	/** The port of the gateway; several are used by connections in turn. */
	readonly port: number | readonly number[];
	/** The video; several are used by likes in turn. */
	readonly video: string | readonly string[];
	readonly seconds: number;
	readonly connections: number;
}

/** Returns the reaction of a like by its index. */
export function reactionAt(index: number): string {
	return MIX[index % MIX.length] ?? 'heart';
}

/** Sends likes at a fixed rate, independent of the answers: a slow gateway gets no fewer likes. */
export async function likesAtRate(perSecond: number, options: LoadOptions): Promise<Ledger> {
	const ledger = new Ledger();
	const idle = connectAll(options);
	const backlog: number[] = [];
	const start = performance.now();
	const total = Math.round(perSecond * options.seconds);
	let due = 0;
	let answered = 0;
	await new Promise<void>((resolve, reject) => {
		const timer = setInterval(() => {
			const elapsed = (performance.now() - start) / 1000;
			for (; due < total && due / perSecond <= elapsed; due++) backlog.push(start + (due / perSecond) * 1000);
			if (backlog.length > MAX_BACKLOG) settle(() => reject(new Error('the gateway does not keep up with the likes')));
			pump();
		}, 2);

		function pump(): void {
			while (idle.length > 0 && backlog.length > 0) {
				const connection = idle.pop() as LikeConnection;
				const dueAt = backlog.shift() as number;
				const id = randomUUID();
				connection.like(id, reactionAt(ledger.sent++), ({ status }) => {
					ledger.record(id, status, performance.now() - dueAt);
					idle.push(connection);
					if (++answered === total) settle(resolve);
					else pump();
				});
			}
		}

		function settle(how: () => void): void {
			clearInterval(timer);
			how();
		}
	});
	for (const connection of idle) connection.close();
	return ledger;
}

/** Sends likes on each connection, the next as soon as the last one is answered. */
export async function likesAtFullSpeed(options: LoadOptions): Promise<Ledger> {
	const ledger = new Ledger();
	const connections = connectAll(options);
	const end = performance.now() + options.seconds * 1000;
	await Promise.all(
		connections.map(
			(connection) =>
				new Promise<void>((resolve) => {
					function next(): void {
						const sentAt = performance.now();
						if (sentAt >= end) {
							connection.close();
							resolve();
							return;
						}
						const id = randomUUID();
						connection.like(id, reactionAt(ledger.sent++), ({ status }) => {
							ledger.record(id, status, performance.now() - sentAt);
							// A broken or refusing gateway must not make this a busy loop.
							if (status === 201) next();
							else setTimeout(next, 50);
						});
					}
					next();
				}),
		),
	);
	return ledger;
}

function connectAll({ port, video, connections }: LoadOptions): LikeConnection[] {
	const ports = [port].flat();
	const videos = [video].flat();
	return Array.from({ length: connections }, (_, index) => {
		const from = Math.floor((videos.length / connections) * index);
		const turn = [...videos.slice(from), ...videos.slice(0, from)];
		return new LikeConnection(ports[index % ports.length] as number, ...turn);
	});
}
