import type { CounterRows } from '../../state/counters.ts';
import { gather, type KnownCount, ofEpoch } from '../counter-rows.ts';
import { type Command, type Commit, type Outcome, secondOf } from '../store.ts';

/** The answer of `likewire.known`. */
export interface KnownAnswer {
	readonly epochs: readonly (readonly [region: string, epoch: number])[] | null;
	readonly topics: readonly TopicAnswer[] | null;
	readonly counts: readonly CountAnswer[] | null;
}

type TopicAnswer = readonly [
	topic: string,
	region: string,
	epoch: number,
	logHead: number,
	endedAt: number,
	likedAt: number,
];

type CountAnswer = readonly [
	topic: string,
	region: string,
	epoch: number,
	type: string,
	added: number,
	removed: number,
];

/** The answer of `likewire.commit`. */
export interface CommitAnswer {
	readonly outcomes: readonly string[];
	readonly known: KnownAnswer;
}

/** The answer of `likewire.liked`. */
export interface LikedAnswer {
	readonly comments: readonly string[];
	readonly known: KnownAnswer;
}

/** Returns the arguments of `likewire.commit` for a batch: a column for each field. */
export function commitValues(commands: readonly Command[]): readonly unknown[] {
	return [
		commands.map(({ topic }) => topic),
		commands.map(({ id }) => id),
		commands.map(({ user }) => user),
		commands.map((command) => (command.kind === 'like' ? command.type : null)),
		commands.map((command) => command.kind === 'like' && command.once),
		commands.map(({ ended = false }) => ended),
		commands.map(({ at }) => at),
		commands.map(secondOf),
	];
}

/** Returns the commit of a batch from the answer of the database. */
export function commitOf(commands: readonly Command[], { outcomes, known }: CommitAnswer): Commit {
	const topics = commands.map(({ topic }) => topic);
	return { outcomes: outcomes.map(parseOutcome), rows: rowsOf(topics, known) };
}

function parseOutcome(text: string): Outcome {
	const [kind, id = ''] = text.split(' ');
	switch (kind) {
		case 'takenBack':
		case 'takenBackBefore':
			return { kind: 'takenBack', duplicate: kind === 'takenBackBefore' };
		case 'counted':
		case 'videoEnded':
		case 'conflict':
		case 'notFound':
		case 'notLiker':
			return { kind };
		case 'duplicate':
			return { kind, id };
		default:
			throw new Error(`the database answered a command with '${text}'`);
	}
}

/** Returns the rows of each of the topics. */
export function rowsOf(named: readonly string[], { epochs, topics, counts }: KnownAnswer): Map<string, CounterRows> {
	const least = (epochs ?? []).map(([region, epoch]) => ofEpoch(region, epoch));
	const known = new Map(named.map((topic) => [topic, { topics: [...least], counts: [] as KnownCount[] }]));
	for (const [topic, region, epoch, logHead, endedAt, likedAt] of topics ?? []) {
		known.get(topic)?.topics.push({ region, epoch, logHead, endedAt, likedAt });
	}
	for (const [topic, region, epoch, type, added, removed] of counts ?? []) {
		known.get(topic)?.counts.push({ region, epoch, type, added, removed });
	}
	return new Map([...known].map(([topic, { topics, counts }]) => [topic, gather(topics, counts)]));
}
