import { pino } from 'pino';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { describeContracts } from '../../../test/store-contracts.ts';
import type { StorePlace } from '../../../test/store-place.ts';
import { createPostgresStore } from './postgres-store.ts';
import { markPostgresRestored } from './restored.ts';

const logger = pino({ level: 'silent' });

describeWithPostgres('on PostgreSQL', () => {
	const postgres = sharePostgres();

	function makePlace(): StorePlace {
		let url: Promise<string> | undefined;
		return {
			async open(region = 'north') {
				url ??= postgres().createDatabase();
				return createPostgresStore({ url: await url, region, poolSize: 4, logger });
			},
			markRestored: async () => markPostgresRestored((await url) ?? '', 'north'),
			remove: () => undefined,
		};
	}

	describeContracts('PostgreSQL', makePlace);
});
