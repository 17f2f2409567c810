import { pino } from 'pino';
import { describeChanges } from '../../test/changes-contract.ts';
import { describeLog } from '../../test/log-contract.ts';
import { describeLogReplicas } from '../../test/log-replica-contract.ts';
import { describeWithPostgres, sharePostgres } from '../../test/postgres.ts';
import { describeReplicas } from '../../test/replica-contract.ts';
import { describeStore } from '../../test/store-contract.ts';
import type { StorePlace } from '../../test/store-place.ts';
import { describeValues } from '../../test/values-contract.ts';
import { markPostgresRestored } from './postgres-restored.ts';
import { createPostgresStore } from './postgres-store.ts';

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

	describeStore('PostgreSQL', makePlace);
	describeReplicas('PostgreSQL', makePlace);
	describeLog('PostgreSQL', makePlace);
	describeLogReplicas('PostgreSQL', makePlace);
	describeValues('PostgreSQL', makePlace);
	describeChanges('PostgreSQL', makePlace);
});
