import { COMMIT_FUNCTION, KNOWN_FUNCTION, LIKED_FUNCTION, REPLICATE_FUNCTION } from './sql/commit.ts';
import { APPEND_FUNCTION, ENDS_VIEW, KEEP_EVENTS_FUNCTION, KEEP_VALUES_FUNCTION } from './sql/log.ts';
import { FORGET_FUNCTION } from './sql/retention.ts';
import { TIMELINE_FUNCTION } from './sql/timeline.ts';

/** The version of {@link SCHEMA}, which a database names in `likewire.schema`. */
export const SCHEMA_VERSION = 2;

/** The tables and functions of a store. Names compare by their bytes, as in SQLite and in the gateway. */
export const SCHEMA = `
	CREATE TABLE likewire.store (
		single boolean PRIMARY KEY DEFAULT true CHECK (single),
		region text NOT NULL,
		epoch bigint NOT NULL
	);

	-- The time, in Unix milliseconds, up to which nodes of the region may have assigned orders to signals.
	CREATE TABLE likewire.clock (single boolean PRIMARY KEY DEFAULT true CHECK (single), at bigint NOT NULL);
	INSERT INTO likewire.clock (at) VALUES (0);
	CREATE FUNCTION likewire.raise_clock(said bigint) RETURNS bigint LANGUAGE plpgsql AS $$
	BEGIN
		UPDATE likewire.clock AS c SET at = said WHERE c.at < said;
		RETURN (SELECT c.at FROM likewire.clock AS c);
	END
	$$;

	-- A like that was taken back stays, so that a late copy of it does not count again.
	CREATE TABLE likewire.likes (
		topic text COLLATE "C" NOT NULL,
		id text COLLATE "C" NOT NULL,
		liker text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		at bigint NOT NULL,
		second bigint NOT NULL, -- of its position, in Unix seconds
		taken_back_at bigint, -- 0 for a like that never counted, because its user had given another of a once type
		PRIMARY KEY (topic, id)
	);

	-- The like of each user of a once type.
	CREATE TABLE likewire.once (
		topic text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		liker text COLLATE "C" NOT NULL,
		id text COLLATE "C" NOT NULL,
		PRIMARY KEY (topic, type, liker)
	);

	-- The own topics without their likes: events of the log, the end of a video, the last like of a comment.
	-- A function that changes a topic first locks its row here, in the order of names.
	-- changed: the transaction that last changed the row, or a counter of the topic; null before the first change.
	-- Rows change often: the settings leave room for new versions, and vacuum often.
	CREATE TABLE likewire.topics (
		topic text COLLATE "C" PRIMARY KEY,
		changed xid8,
		log_head bigint NOT NULL DEFAULT 0,
		ended_at bigint NOT NULL DEFAULT 0,
		liked_at bigint NOT NULL DEFAULT 0
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
	CREATE INDEX topics_by_change ON likewire.topics (changed, topic) WHERE changed IS NOT NULL;

	-- The number of given and taken back reactions.
	CREATE TABLE likewire.counters (
		topic text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		added bigint NOT NULL,
		removed bigint NOT NULL,
		PRIMARY KEY (topic, type)
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

	-- The given and taken back reactions of videos, by the Unix second of their position. They outlive the likes.
	-- The rows of the last minute change often, older ones hardly ever.
	CREATE TABLE likewire.timeline (
		topic text COLLATE "C" NOT NULL,
		second bigint NOT NULL,
		type text COLLATE "C" NOT NULL,
		added bigint NOT NULL,
		removed bigint NOT NULL,
		PRIMARY KEY (topic, second, type)
	) WITH (fillfactor = 90);

	-- Replicas of other regions' topics, each row in the epoch of that region's store.
	CREATE TABLE likewire.remote_topics (
		topic text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		epoch bigint NOT NULL,
		log_head bigint NOT NULL,
		ended_at bigint NOT NULL,
		liked_at bigint NOT NULL,
		PRIMARY KEY (topic, region)
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

	-- Counters of an epoch below that of the topic do not count.
	CREATE TABLE likewire.remote_counters (
		topic text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		type text COLLATE "C" NOT NULL,
		epoch bigint NOT NULL,
		added bigint NOT NULL,
		removed bigint NOT NULL,
		PRIMARY KEY (topic, region, type)
	) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

	-- The positions of the syncs with other regions; complete_epoch is the epoch of the last complete sync.
	CREATE TABLE likewire.regions (
		region text COLLATE "C" PRIMARY KEY,
		epoch bigint,
		at text,
		complete_epoch bigint
	);

	-- The events of topics, by the region whose store numbered them. epoch: that of another region's store, 0 for the own.
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

	-- The stored epoch of another region's log, and the number up to which it has no hole.
	CREATE TABLE likewire.logs_of_others (
		topic text COLLATE "C" NOT NULL,
		region text COLLATE "C" NOT NULL,
		epoch bigint NOT NULL,
		through bigint NOT NULL,
		PRIMARY KEY (topic, region)
	) WITH (fillfactor = 70);

	-- The newest value of each key, which has the highest ord. changed: as in topics; null for values of other regions.
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

	${ENDS_VIEW}

	-- Ended videos that may still have likes, by the time of their end: retention finds its work without a scan of all
	-- ended videos. An end that is no longer true stays until retention visits it.
	CREATE TABLE likewire.endings (
		at bigint NOT NULL,
		topic text COLLATE "C" NOT NULL,
		PRIMARY KEY (at, topic)
	);

	${KNOWN_FUNCTION}
	${LIKED_FUNCTION}
	${COMMIT_FUNCTION}
	${REPLICATE_FUNCTION}
	${APPEND_FUNCTION}
	${KEEP_EVENTS_FUNCTION}
	${KEEP_VALUES_FUNCTION}
	${FORGET_FUNCTION}
	${TIMELINE_FUNCTION}
`;
