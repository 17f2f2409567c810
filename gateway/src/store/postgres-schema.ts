import { FORGET_FUNCTION, NOTE_ENDINGS } from './postgres-forget-functions.ts';
import { COMMIT_FUNCTION, KNOWN_FUNCTION, LIKED_FUNCTION, REPLICATE_FUNCTION } from './postgres-functions.ts';
import { APPEND_FUNCTION, ENDS_VIEW, KEEP_EVENTS_FUNCTION, KEEP_VALUES_FUNCTION } from './postgres-log-functions.ts';

/** The version of {@link SCHEMA}, which a database names in `likewire.schema`. */
export const SCHEMA_VERSION = 1;

/** All tables and functions of a store. Names compare by their bytes, as everywhere else. */
export const SCHEMA = `
	CREATE TABLE likewire.store (
		single boolean PRIMARY KEY DEFAULT true CHECK (single),
		region text NOT NULL,
		epoch bigint NOT NULL
	);

	-- Up to which time, in Unix milliseconds, nodes of the region may have given orders to signals.
	CREATE TABLE likewire.clock (single boolean PRIMARY KEY DEFAULT true CHECK (single), at bigint NOT NULL);
	INSERT INTO likewire.clock (at) VALUES (0);
	CREATE FUNCTION likewire.raise_clock(said bigint) RETURNS bigint LANGUAGE plpgsql AS $$
	BEGIN
		UPDATE likewire.clock AS c SET at = said WHERE c.at < said;
		RETURN (SELECT c.at FROM likewire.clock AS c);
	END
	$$;

	-- Who changes anything of a video locks its row here first, in the order of their names.
	CREATE TABLE likewire.videos (video text COLLATE "C" PRIMARY KEY);

	-- A like that was taken back stays, so that a late copy of it is not counted again.
	CREATE TABLE likewire.likes (
		video text COLLATE "C" NOT NULL,
		id text COLLATE "C" NOT NULL,
		liker text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		at bigint NOT NULL,
		taken_back_at bigint, -- 0 for one that never counted, since its user had given another of a type that may be given once
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

	-- Rows of other regions' stores. The highest epoch of a region and video counts; the type '' only names an epoch.
	CREATE TABLE likewire.replicas (
		video text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		epoch bigint NOT NULL,
		added bigint NOT NULL,
		removed bigint NOT NULL,
		PRIMARY KEY (video, region, type)
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

	-- How far other regions were read; complete_epoch is that of the last time it was to the end.
	CREATE TABLE likewire.regions (
		region text COLLATE "C" PRIMARY KEY,
		epoch bigint,
		at text,
		complete_epoch bigint
	);

	-- What happened on topics, by the region whose store numbered it. epoch: that of another region's store, 0 for the own.
	-- ord: see nextOrder.
	CREATE TABLE likewire.log (
		topic text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		number bigint NOT NULL,
		epoch bigint NOT NULL,
		id text COLLATE "C" NOT NULL,
		kind text COLLATE "C" NOT NULL,
		author text COLLATE "C" NOT NULL,
		at bigint NOT NULL,
		ord bigint NOT NULL,
		data text COLLATE "C" NOT NULL,
		parent text COLLATE "C",
		PRIMARY KEY (topic, region, number)
	);
	CREATE INDEX log_by_id ON likewire.log (topic, id);
	CREATE INDEX log_by_order ON likewire.log (topic, ord, region, number) WHERE kind = 'comment';
	CREATE INDEX log_of_others ON likewire.log (region, epoch) WHERE epoch > 0;

	-- Which epoch of another region's log is here, and up to which number without a hole.
	CREATE TABLE likewire.logs_of_others (
		topic text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		epoch bigint NOT NULL,
		through bigint NOT NULL,
		PRIMARY KEY (topic, region)
	) WITH (fillfactor = 70);

	-- Of each key the newest value, which is the one with the highest ord. changed: as in totals; null for other regions'.
	CREATE TABLE likewire.registers (
		topic text COLLATE "C" NOT NULL,
		kind text COLLATE "C" NOT NULL,
		key text COLLATE "C" NOT NULL,
		ord double precision NOT NULL,
		value text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		changed xid8,
		PRIMARY KEY (topic, kind, key)
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
	CREATE INDEX registers_by_change ON likewire.registers (changed, topic, kind, key) WHERE changed IS NOT NULL;

	-- By what never changes in a row: an index on more would be written at every change.
	CREATE INDEX totals_of_ended ON likewire.totals (video) WHERE type = ':ended';
	CREATE INDEX replicas_of_ended ON likewire.replicas (video) WHERE type = ':ended';
	-- Comments by the time they were last liked. Rows of videos are not in it.
	CREATE INDEX totals_of_liked ON likewire.totals (video, added) WHERE type = ':liked';
	CREATE INDEX replicas_of_liked ON likewire.replicas (video, added) WHERE type = ':liked';
	${ENDS_VIEW}

	-- Ended videos that may still have likes, by the time of their end: retention finds its work without a look at every
	-- video that ever ended. An end that is no longer true stays, and retention drops it when it gets there.
	CREATE TABLE likewire.endings (
		at bigint NOT NULL,
		video text COLLATE "C" NOT NULL,
		PRIMARY KEY (at, video)
	);
	${NOTE_ENDINGS}

	${KNOWN_FUNCTION}
	${LIKED_FUNCTION}
	${COMMIT_FUNCTION}
	${REPLICATE_FUNCTION}
	${APPEND_FUNCTION}
	${KEEP_EVENTS_FUNCTION}
	${KEEP_VALUES_FUNCTION}
	${FORGET_FUNCTION}
`;
