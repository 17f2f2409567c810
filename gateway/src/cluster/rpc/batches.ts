import type { Cut } from '../../outbox/batch.ts';
import { splitUpdate } from '../../outbox/split.ts';
import type { Update, Updates } from '../../state/update.ts';

/**
 * A batch of updates is cut below this, in bytes. A dispatcher that is behind has as much for each of its frontends: a
 * round of batches to all of them has to be through before the deadline of the first, or each is sent again for ever.
 */
const BATCH_BYTES = 128 * 1024;

/** A batch for another region is cut below this: the way there is long. */
const RELAY_BYTES = 512 * 1024;

/** The answer to a registration is cut below this, as pages of the store are; the rest follows in batches. */
const ANSWER_BYTES = 512 * 1024;

/** What a receiver refuses as too long is halved so often; what is refused even then is dropped, and digests bring it. */
export const MAX_HALVINGS = 5;

/** An update as it stands in a body, and its length in bytes. */
interface Encoded {
	readonly text: string;
	readonly bytes: number;
}

/** Updates are shared by all batches they are in: each is encoded once. */
const encoded = new WeakMap<Update, Encoded>();

function encode(topic: string, update: Update): Encoded {
	let known = encoded.get(update);
	if (known === undefined) {
		const text = JSON.stringify([topic, update]);
		known = { text, bytes: Buffer.byteLength(text) };
		encoded.set(update, known);
	}
	return known;
}

/** The bodies of batches: many nodes may get the same one. */
const bodies = new WeakMap<Updates, Buffer>();

/** Returns the body of a batch for a frontend. */
export function encodeUpdates(updates: Updates): Buffer {
	let body = bodies.get(updates);
	if (body === undefined) {
		body = Buffer.from(textOf(updates));
		bodies.set(updates, body);
	}
	return body;
}

/** Returns the body of a batch for another region. */
export function encodeRelay(updates: Updates, greeting: boolean): string {
	return `{"greeting":${greeting},"updates":${textOf(updates)}}`;
}

/** Returns the body of a batch for the owner of its topics. */
export function encodePublish(updates: Updates, forwarded: boolean): string {
	return `{"forwarded":${forwarded},"updates":${textOf(updates)}}`;
}

function textOf(updates: Updates): string {
	const parts: string[] = [];
	for (const [topic, update] of updates) parts.push(encode(topic, update).text);
	return `[${parts.join(',')}]`;
}

/** Returns how a batch for a node of this region is cut, after its receiver refused so many longer ones. */
export const cutToBody = cutsTo(BATCH_BYTES);

/** Returns how a batch for another region is cut, after its receiver refused so many longer ones. */
export const cutToRelay = cutsTo(RELAY_BYTES);

/** Returns how the states in the answer to a registration are cut. */
export const cutToAnswer = cutsTo(ANSWER_BYTES);

/** Returns how batches of at most so many bytes are cut, by how often a receiver refused longer ones. */
export function cutsTo(bytes: number): (halvings?: number) => Cut {
	const cuts = Array.from({ length: MAX_HALVINGS + 1 }, (_, halvings) => cutTo(bytes >> halvings));
	return (halvings = 0) => cuts[Math.min(halvings, MAX_HALVINGS)] as Cut;
}

/** Of the same, always the same: hops that wait with the same batch share what they send. */
function cutTo(bytes: number): Cut {
	const cuts = new WeakMap<Updates, ReturnType<Cut>>();
	return (waiting) => {
		let parts = cuts.get(waiting);
		if (parts === undefined) {
			parts = cut(waiting, bytes);
			cuts.set(waiting, parts);
		}
		return parts;
	};
}

/** What remains of updates that were split is known to be about so long, in bytes, without encoding it. */
const remainders = new WeakMap<Update, number>();

function bytesOf(topic: string, update: Update, bytes: number): number {
	const estimate = remainders.get(update);
	return estimate !== undefined && estimate > bytes ? estimate : encode(topic, update).bytes + 1;
}

/**
 * Takes what fits, in the order in which it waits. An update that is longer than a whole batch gives a part of half a batch
 * at the most, and what remains of it waits behind the others: one topic does not keep the rest.
 */
function cut(waiting: Updates, bytes: number): ReturnType<Cut> {
	const batch = new Map<string, Update>();
	const remainder = new Map<string, Update>();
	let room = bytes;
	for (const [topic, update] of waiting) {
		const length = bytesOf(topic, update, bytes);
		if (length > bytes) {
			if (room < bytes / 2) break;
			const [part, left] = splitUpdate(update, bytes / 2);
			batch.set(topic, part);
			const taken = bytesOf(topic, part, bytes);
			room -= taken;
			if (left === undefined) continue;
			remainder.set(topic, left);
			remainders.set(left, length - taken);
			continue;
		}
		if (length > room) break;
		batch.set(topic, update);
		room -= length;
	}
	if (batch.size === waiting.size && remainder.size === 0) return [waiting, NOTHING];
	return [batch, new Map([...waiting].slice(batch.size)), remainder];
}

const NOTHING: Updates = new Map();
