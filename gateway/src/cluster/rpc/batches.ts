import type { Cut } from '../../outbox/batch.ts';
import { splitUpdate } from '../../outbox/split.ts';
import type { RegistrationAnswer } from '../../state/topics/registration.ts';
import type { Update, Updates } from '../../state/update.ts';

/**
 * The longest batch of updates, in bytes. A dispatcher that is behind has one for each of its
 * frontends. All of them must arrive before the deadline of the first, or the dispatcher sends each of
 * them again for ever.
 */
const BATCH_BYTES = 128 * 1024;

/** The longest batch for another region, in bytes: a long delay needs larger batches. */
const RELAY_BYTES = 512 * 1024;

/** The longest answer to a registration, in bytes; the rest follows in batches. */
const ANSWER_BYTES = 512 * 1024;

/** The most halvings of a refused batch; then it is dropped, and digests bring its content. */
export const MAX_HALVINGS = 5;

/** The text of an update in a body, and its length in bytes. */
interface Encoded {
	readonly text: string;
	readonly bytes: number;
}

/** The encoded updates: several batches share an update, which is encoded once. */
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

/** The encoded batches: many nodes may receive the same batch. */
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

/** Returns the body of the answer to registrations. */
export function encodeRegistrationAnswer({ updates, buckets }: RegistrationAnswer): string {
	return `{"updates":${textOf(updates)}${buckets === undefined ? '' : `,"buckets":${JSON.stringify(buckets)}`}}`;
}

function textOf(updates: Updates): string {
	const parts: string[] = [];
	for (const [topic, update] of updates) parts.push(encode(topic, update).text);
	return `[${parts.join(',')}]`;
}

/** Returns the cut of batches for a node of this region, by how often the receiver refused longer ones. */
export const cutToBody = cutsTo(BATCH_BYTES);

/** Returns the cut of batches for another region, by how often the receiver refused longer ones. */
export const cutToRelay = cutsTo(RELAY_BYTES);

/** Returns the cut of the states in the answer to a registration. */
export const cutToAnswer = cutsTo(ANSWER_BYTES);

/** Returns the cuts of batches of at most `bytes`, by how often the receiver refused longer ones. */
export function cutsTo(bytes: number): (halvings?: number) => Cut {
	const cuts = Array.from({ length: MAX_HALVINGS + 1 }, (_, halvings) => cutTo(bytes >> halvings));
	return (halvings = 0) => cuts[Math.min(halvings, MAX_HALVINGS)] as Cut;
}

/** Returns a cut with one result for one batch, so that receivers of a batch share the parts. */
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

/** The approximate length of the remainders of split updates, in bytes, which saves an encoding. */
const remainders = new WeakMap<Update, number>();

function bytesOf(topic: string, update: Update, bytes: number): number {
	const estimate = remainders.get(update);
	return estimate !== undefined && estimate > bytes ? estimate : encode(topic, update).bytes + 1;
}

/**
 * Takes the updates that fit, in order. Of an update that is longer than a whole batch it takes a part
 * of at most half a batch, and the remainder waits behind the others, so that one topic does not delay
 * the rest.
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
