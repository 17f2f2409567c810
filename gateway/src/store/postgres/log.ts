import { inOrder, type LogEventKind, type StoreEvents } from '../../state/log.ts';
import { parsePlace } from '../history-cursor.ts';
import {
	columnsOf,
	dataOf,
	type KnownLog,
	type LogRow,
	loggedOf,
	logPageOf,
	missingAfter,
	pageOf,
} from '../log-rows.ts';
import type { LogCommand, LogCommit, LogOutcome, LogStore } from '../log-store.ts';
import { refuseCommands, refuseEvents } from '../validate.ts';
import { type KnownAnswer, rowsOf } from './commit.ts';

/** The result of `likewire.event_of`. */
type EventAnswer = readonly [
	region: string,
	epoch: number,
	number: number,
	id: string,
	kind: LogEventKind,
	author: string,
	at: number,
	order: number,
	data: string,
];

/** The answer of `likewire.append`. */
interface AppendAnswer {
	readonly outcomes: readonly (readonly [kind: string, event: EventAnswer | null])[];
	readonly known: KnownAnswer;
}

interface PartAnswer {
	readonly region: string;
	readonly known: KnownAnswer;
	readonly log: KnownLog | null;
	readonly events: readonly EventAnswer[] | null;
}

interface MissingAnswer {
	readonly known: KnownAnswer;
	readonly logs: readonly (readonly [topic: string, epoch: number, through: number])[] | null;
}

function toRow([region, epoch, number, id, kind, author, at, order, data]: EventAnswer): LogRow {
	return { region, epoch, number, id, kind, author, at, order, data };
}

/** Resolves with the answer of a statement. */
export type AskPostgres = <Answer>(text: string, values: readonly unknown[]) => Promise<Answer>;

/** Returns the logs in a PostgreSQL database. `refuseOwn` throws for the store's own region. */
export function createPostgresLog(
	ask: AskPostgres,
	refuseOwn: (region: string) => void,
): Pick<LogStore, 'append' | 'events' | 'find' | 'history' | 'keepEvents' | 'missing'> {
	return {
		async append(commands) {
			refuseCommands(commands);
			const text = 'likewire.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';
			return commitOf(commands, await ask<AppendAnswer>(text, appendValues(commands)));
		},

		async events(topic, region, after, limit) {
			const text = `(
				SELECT json_build_object(
					'region', (SELECT region FROM likewire.store),
					'known', likewire.known(ARRAY[$1::text], true),
					'log', (
						SELECT json_build_object('epoch', epoch, 'through', through)
						FROM likewire.logs_of_others WHERE topic = $1::text AND region = $2::text
					),
					'events', (
						SELECT json_agg(likewire.event_of(page.one) ORDER BY (page.one).number) FROM (
							SELECT one FROM likewire.log AS one
							WHERE topic = $1::text AND region = $2::text AND number > $3::bigint ORDER BY number LIMIT $4::bigint
						) AS page
					)
				)
			)`;
			const answer = await ask<PartAnswer>(text, [topic, region, after, limit]);
			const rows = rowsOf([topic], answer.known).get(topic) ?? {};
			const reported = Object.hasOwn(rows, region) ? rows[region] : undefined;
			const own = answer.region === region && reported !== undefined;
			const log = own ? { epoch: reported.epoch, through: 0 } : (answer.log ?? undefined);
			return logPageOf(reported, log, (answer.events ?? []).map(toRow));
		},

		async find(topic, id) {
			const text = `(
				SELECT json_agg(
					likewire.event_of(one)
					ORDER BY kind = 'erased', region <> (SELECT region FROM likewire.store), region
				) FROM likewire.log AS one
				WHERE topic = $1::text AND id = $2::text AND kind <> 'comment-deleted'
			)`;
			const events = await ask<readonly EventAnswer[] | null>(text, [topic, id]);
			return (events ?? []).map((event) => loggedOf(toRow(event)));
		},

		async history(topic, before, limit) {
			const { order = null, region = null, number = null } = parsePlace(before) ?? {};
			const text = `(
				SELECT json_agg(
					likewire.event_of(page.one)
					ORDER BY (page.one).ord DESC, (page.one).region DESC, (page.one).number DESC
				) FROM (
					SELECT one FROM likewire.log AS one WHERE topic = $1::text AND kind = 'comment'
						AND (ord, region, number) < (
							coalesce($2::bigint, ${Number.MAX_SAFE_INTEGER}), coalesce($3::text, ''), coalesce($4::bigint, 0)
						)
					ORDER BY ord DESC, region DESC, number DESC LIMIT $5::bigint
				) AS page
			)`;
			const answer = await ask<readonly EventAnswer[] | null>(text, [topic, order, region, number, limit + 1]);
			return pageOf((answer ?? []).map(toRow), limit);
		},

		async keepEvents(region, logs) {
			refuseOwn(region);
			refuseEvents(region, logs);
			await ask('likewire.keep_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', keepValues(region, logs));
		},

		async missing(region, topics) {
			const text = `json_build_object(
				'known', likewire.known($1::text[], true),
				'logs', (
					SELECT json_agg(json_build_array(topic, epoch, through))
					FROM likewire.logs_of_others WHERE topic = ANY ($1::text[]) AND region = $2::text
				)
			)`;
			const answer = await ask<MissingAnswer>(text, [topics, region]);
			const known = rowsOf(topics, answer.known);
			const logs = new Map((answer.logs ?? []).map(([topic, epoch, through]) => [topic, { epoch, through }]));
			const missing = new Map<string, number>();
			for (const topic of topics) {
				const rows = known.get(topic) ?? {};
				const reported = Object.hasOwn(rows, region) ? rows[region] : undefined;
				const after = missingAfter(reported, logs.get(topic));
				if (after !== undefined) missing.set(topic, after);
			}
			return missing;
		},
	};
}

/** Returns a command with a value for each argument of `likewire.append`. */
function argumentsOf(command: LogCommand) {
	const { kind, topic, at } = command;
	const empty = { id: null, user: null, event: null, data: null, parent: null, moderator: false, wanted: null };
	const common = { kind, topic, at, ...empty };
	switch (command.kind) {
		case 'append': {
			const { id, user, event, parent = null } = command;
			return { ...common, id, user, event, parent, data: dataOf(command) };
		}
		case 'delete': {
			const { id, user, moderator, author = null } = command;
			// The database finds the comment, and makes the data that names it.
			return { ...common, id, user, moderator, wanted: moderator ? author : user, event: 'comment-deleted' };
		}
		case 'end':
			return common;
	}
}

/** Returns the arguments of `likewire.append` for a batch: a column for each field. */
function appendValues(commands: readonly LogCommand[]): readonly unknown[] {
	const columns = commands.map(argumentsOf);
	return [
		columns.map(({ kind }) => kind),
		columns.map(({ topic }) => topic),
		columns.map(({ id }) => id),
		columns.map(({ user }) => user),
		columns.map(({ event }) => event),
		columns.map(({ data }) => data),
		columns.map(({ parent }) => parent),
		columns.map(({ moderator }) => moderator),
		columns.map(({ wanted }) => wanted),
		columns.map(({ at }) => at),
	];
}

/** Returns the commit of a batch from the answer of the database. */
function commitOf(commands: readonly LogCommand[], { outcomes, known }: AppendAnswer): LogCommit {
	const topics = commands.map(({ topic }) => topic);
	return { outcomes: outcomes.map(parseOutcome), rows: rowsOf(topics, known) };
}

function parseOutcome([kind, event]: AppendAnswer['outcomes'][number]): LogOutcome {
	switch (kind) {
		case 'added':
		case 'duplicate':
			if (event !== null) return { kind, ...loggedOf(toRow(event)) };
			break;
		case 'ended':
		case 'endedBefore':
			return { kind: 'ended', duplicate: kind === 'endedBefore' };
		case 'videoEnded':
		case 'conflict':
		case 'unknownParent':
		case 'parentIsAnswer':
		case 'notFound':
		case 'notAuthor':
		case 'ambiguous':
			return { kind };
	}
	throw new Error(`the database answered a command with '${kind}'`);
}

/** Returns the arguments of `likewire.keep_events`: a column for each field of logs and events. */
function keepValues(region: string, logs: ReadonlyMap<string, StoreEvents>): readonly unknown[] {
	const events = [...logs].flatMap(([topic, reported]) =>
		inOrder(reported.events).map((event) => ({ topic, ...columnsOf(event) })),
	);
	return [
		region,
		[...logs.keys()],
		[...logs.values()].map(({ epoch }) => epoch),
		events.map(({ topic }) => topic),
		events.map(({ number }) => number),
		events.map(({ id }) => id),
		events.map(({ kind }) => kind),
		events.map(({ author }) => author),
		events.map(({ at }) => at),
		events.map(({ order }) => order),
		events.map(({ data }) => data),
		events.map(({ parent }) => parent),
	];
}
