import type { LogStore, StoreClock } from '../log-store.ts';
import { refuseValues } from '../validate.ts';
import { gatherValues, spreadValues } from '../value-rows.ts';
import type { AskPostgres } from './log.ts';

/** A row of `likewire.registers`. */
type ValueAnswer = readonly [topic: string, kind: string, key: string, ord: number, value: string, region: string];

/** Returns the stored values in a PostgreSQL database. */
export function createPostgresValues(ask: AskPostgres): Pick<LogStore, 'values' | 'keepValues' | 'raiseClock'> {
	return {
		raiseClock(to) {
			const wallTime = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
			return ask<StoreClock>(`json_build_object('at', likewire.raise_clock($1), 'wallTime', ${wallTime})`, [to]);
		},

		async values(topics) {
			const text = `(
				SELECT json_agg(json_build_array(topic, kind, key, ord, value, region))
				FROM likewire.registers WHERE topic = ANY ($1::text[])
			)`;
			const rows = (await ask<readonly ValueAnswer[] | null>(text, [topics])) ?? [];
			return gatherValues(
				rows.map(([topic, kind, key, ord, value, region]) => ({ topic, kind, key, ord, value, region })),
			);
		},

		async keepValues(values) {
			const kept = spreadValues(values);
			refuseValues(kept);
			const rows = kept.flatMap(({ rows }) => rows);
			if (rows.length === 0) return;
			await ask('likewire.keep_values($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
				rows.map(({ topic }) => topic),
				rows.map(({ kind }) => kind),
				rows.map(({ key }) => key),
				rows.map(({ ord }) => ord),
				rows.map(({ value }) => value),
				rows.map(({ region }) => region),
				kept.map(({ topic }) => topic),
				kept.map(({ kind }) => kind),
				kept.map(({ most }) => most),
			]);
		},
	};
}
