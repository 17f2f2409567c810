import type { StoreEvents } from '../state/log.ts';
import type { LogCommand } from './log-store.ts';
import { StoreError } from './store.ts';
import type { ValuesToKeep } from './value-rows.ts';

/** Throws a {@link StoreError} if a name has U+0000, which PostgreSQL cannot store. */
function refuseZero(what: string, names: readonly (string | undefined)[]): void {
	const wrong = names.find((name) => name?.includes('\0'));
	if (wrong === undefined) return;
	const reason = `${what} cannot be stored with U+0000 in it: ${JSON.stringify(wrong)}`;
	throw new StoreError(reason, { isRefusal: true });
}

/** Throws a {@link StoreError} if one of the commands can never be stored, before it spoils a batch. */
export function refuseCommands(commands: readonly LogCommand[]): void {
	for (const command of commands) {
		refuseZero('a topic', [command.topic]);
		if (command.kind === 'end') continue;
		refuseZero('an id', [command.id]);
		refuseZero('a user', [command.user]);
		if (command.kind === 'append') refuseZero('the id of a parent', [command.parent]);
	}
}

/** Throws a {@link StoreError} if one of the events can never be stored. */
export function refuseEvents(region: string, logs: ReadonlyMap<string, StoreEvents>): void {
	refuseZero('a region', [region]);
	for (const [topic, { events }] of logs) {
		refuseZero('a topic', [topic]);
		for (const { id, user } of events) refuseZero('an event', [id, user]);
	}
}

/** Throws a {@link StoreError} if one of the values can never be stored. */
export function refuseValues(values: readonly ValuesToKeep[]): void {
	for (const { topic, rows } of values) {
		refuseZero('a topic', [topic]);
		for (const { key, region } of rows) refuseZero('a value', [key, region]);
	}
}
