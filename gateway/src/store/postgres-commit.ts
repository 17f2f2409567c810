import type { LikesRows } from '../delivery/likes.ts';
import { gather, type KnownCounts } from './known-counts.ts';
import type { Command, Commit, Outcome } from './store.ts';

/** What `likewire.known` answers. */
export interface KnownAnswer {
	readonly epochs: readonly (readonly [region: string, epoch: number])[] | null;
	readonly counts:
		| readonly (readonly [video: string, region: string, epoch: number, type: string, added: number, removed: number])[]
		| null;
}

/** What `likewire.commit` answers. */
export interface CommitAnswer {
	readonly outcomes: readonly string[];
	readonly known: KnownAnswer;
}

/** A batch as `likewire.commit` wants it. */
export interface Arranged {
	/** Its arguments. */
	readonly values: readonly unknown[];
	/** The commands as they stand in its outcomes. */
	readonly order: readonly number[];
}

/** Puts those first whose order does not matter: likes that count with every tap and share their id with no other. */
export function arrange(commands: readonly Command[]): Arranged {
	const uses = new Map<string, number>();
	for (const { video, id } of commands) uses.set(`${video} ${id}`, (uses.get(`${video} ${id}`) ?? 0) + 1);
	const alone: number[] = [];
	const inOrder: number[] = [];
	for (const [index, command] of commands.entries()) {
		const isAlone = command.kind === 'like' && !command.once && uses.get(`${command.video} ${command.id}`) === 1;
		(isAlone ? alone : inOrder).push(index);
	}
	const order = [...alone, ...inOrder];
	const column = (pick: (command: Command) => unknown) => order.map((index) => pick(commands[index] as Command));
	return {
		order,
		values: [
			column(({ video }) => video),
			column(({ id }) => id),
			column(({ user }) => user),
			column((command) => (command.kind === 'like' ? command.type : null)),
			column((command) => command.kind === 'like' && command.once),
			column(({ at }) => at),
			alone.length,
		],
	};
}

/** What the database answered to a batch. */
export function commitOf(commands: readonly Command[], order: readonly number[], answer: CommitAnswer): Commit {
	const outcomes: Outcome[] = [];
	for (const [place, index] of order.entries()) outcomes[index] = parseOutcome(answer.outcomes[place]);
	return {
		outcomes,
		rows: rowsOf(
			commands.map(({ video }) => video),
			answer.known,
		),
	};
}

function parseOutcome(text = ''): Outcome {
	const [kind, id = ''] = text.split(' ');
	switch (kind) {
		case 'counted':
		case 'takenBack':
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

/** What is known of each of the videos. */
export function rowsOf(videos: readonly string[], { epochs, counts }: KnownAnswer): Map<string, LikesRows> {
	const least = (epochs ?? []).map(
		([region, epoch]): KnownCounts => ({ region, epoch, type: '', added: 0, removed: 0 }),
	);
	const known = new Map(videos.map((video) => [video, [...least]]));
	for (const [video, region, epoch, type, added, removed] of counts ?? []) {
		known.get(video)?.push({ region, epoch, type, added, removed });
	}
	return new Map([...known].map(([video, rows]) => [video, gather(rows)]));
}
