import { COMMIT_FUNCTION, KNOWN_FUNCTION, REPLICATE_FUNCTION } from './postgres-functions.ts';

/**
 * Each entry brings a database one version further; `likewire.schema` says how many were applied. Never edit one:
 * append. Names compare by their bytes, as everywhere else.
 */
export const MIGRATIONS = [
	`
	CREATE TABLE likewire.store (
		single boolean PRIMARY KEY DEFAULT true CHECK (single),
		region text NOT NULL,
		epoch bigint NOT NULL
	);

	-- Who changes anything of a video locks its row here first, in the order of their names.
	CREATE TABLE likewire.videos (video text COLLATE "C" PRIMARY KEY);

	-- A like that was taken back stays, so that a late copy of it is not counted again.
	CREATE TABLE likewire.likes (
		video text COLLATE "C" NOT NULL,
		id text COLLATE "C" NOT NULL,
		liker text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		at bigint NOT NULL,
		taken_back_at bigint,
		PRIMARY KEY (video, id)
	);

	-- Which like a user has given of a type that may be given once.
	CREATE TABLE likewire.once (
		video text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		liker text COLLATE "C" NOT NULL,
		id text COLLATE "C" NOT NULL,
		PRIMARY KEY (video, type, liker)
	);

	-- changed: the transaction that changed a row last. Rows are changed all the time: room for that, and tidying up.
	CREATE TABLE likewire.totals (
		video text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		added bigint NOT NULL,
		removed bigint NOT NULL,
		changed xid8 NOT NULL,
		PRIMARY KEY (video, type)
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
	CREATE INDEX totals_by_change ON likewire.totals (changed, video, type);

	-- What stores of other regions said. The highest epoch of a region and video counts; the type '' only tells an epoch.
	CREATE TABLE likewire.replicas (
		video text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		epoch bigint NOT NULL,
		added bigint NOT NULL,
		removed bigint NOT NULL,
		PRIMARY KEY (video, region, type)
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

	-- How far other regions were taken over; complete_epoch is that of the last time it was to the end.
	CREATE TABLE likewire.regions (
		region text COLLATE "C" PRIMARY KEY,
		epoch bigint,
		at text,
		complete_epoch bigint
	);
	${KNOWN_FUNCTION}
	${COMMIT_FUNCTION}
	${REPLICATE_FUNCTION}
	`,
];
