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

/** What `likewire.liked` answers. */
export interface LikedAnswer {
	readonly comments: readonly string[];
	readonly known: KnownAnswer;
}

/** The arguments of `likewire.commit` for a batch: a column for each of its fields. */
export function commitValues(commands: readonly Command[]): readonly unknown[] {
	return [
		commands.map(({ video }) => video),
		commands.map(({ id }) => id),
		commands.map(({ user }) => user),
		commands.map((command) => (command.kind === 'like' ? command.type : null)),
		commands.map((command) => command.kind === 'like' && command.once),
		commands.map(({ ended = false }) => ended),
		commands.map(({ at }) => at),
	];
}

/** What the database answered to a batch. */
export function commitOf(commands: readonly Command[], { outcomes, known }: CommitAnswer): Commit {
	const videos = commands.map(({ video }) => video);
	return { outcomes: outcomes.map(parseOutcome), rows: rowsOf(videos, known) };
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
