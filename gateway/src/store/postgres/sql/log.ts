/** The ends of videos, by region. */
export const ENDS_VIEW = `
	CREATE VIEW likewire.ends AS
		SELECT topic, ended_at AS at FROM likewire.topics WHERE ended_at > 0
		UNION ALL
		SELECT topic, ended_at FROM likewire.remote_topics WHERE ended_at > 0;`;

/**
 * Carries out commands on logs in order, in one transaction and one round trip.
 *
 * It locks the same rows as `likewire.commit`, in the same order, so no other batch numbers events of these topics.
 *
 * An event is JSON for `append` and all reads: the region and epoch of its log, number, id, kind, author, time, order, data
 * as text. Rows of the own log have no epoch, because a restore changes the store's.
 *
 * The order is that of `nextOrder`.
 */
export const APPEND_FUNCTION = `
	CREATE FUNCTION likewire.event_of(one likewire.log) RETURNS json LANGUAGE sql STABLE AS $$
		SELECT json_build_array(
			one.region, CASE WHEN one.epoch = 0 THEN (SELECT s.epoch FROM likewire.store AS s) ELSE one.epoch END,
			one.number, one.id, one.kind, one.author, one.at, one.ord, one.data
		)
	$$;

	-- Whether a deletion, by its data, erases a comment: see commentKey.
	CREATE FUNCTION likewire.erases(deletion likewire.log, comment likewire.log) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
		SELECT CASE WHEN deletion.kind = 'comment-deleted' AND deletion.topic = comment.topic AND deletion.id = comment.id
			THEN deletion.data::json ->> 'region' = comment.region AND deletion.data::json ->> 'user' = comment.author
				AND (deletion.data::json ->> 'offset')::bigint = comment.number
			ELSE false END
	$$;

	-- The order of the newest event of a log: orders rise with numbers.
	CREATE FUNCTION likewire.newest_order(of_topic text, of_region text) RETURNS bigint LANGUAGE sql STABLE AS $$
		SELECT ord FROM likewire.log WHERE topic = of_topic AND region = of_region ORDER BY number DESC LIMIT 1
	$$;

	CREATE FUNCTION likewire.append(
		kinds text[], topics text[], ids text[], authors text[], events text[], datas text[],
		parents text[], moderators boolean[], wanted text[], ats bigint[]
	) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE
		outcomes json[] := '{}';
		own text := (SELECT region FROM likewire.store);
		-- The topics, each once, with the number of events in its log before, and by now.
		named text[];
		before bigint[];
		heads bigint[];
		-- The newest order of the own log of each topic, and the newest known order of other regions' logs.
		orders bigint[];
		remote_orders bigint[];
		ended text[];
		known likewire.log;
		added likewire.log;
		outcome text;
		authors_known text[];
		place integer;
	BEGIN
		-- A false condition changes no row, but locks it.
		INSERT INTO likewire.topics AS locked (topic)
		SELECT DISTINCT n COLLATE "C" FROM unnest(topics) AS n ORDER BY 1
		ON CONFLICT (topic) DO UPDATE SET topic = excluded.topic WHERE false;

		SELECT array_agg(t.topic), array_agg(t.log_head),
			array_agg(coalesce(likewire.newest_order(t.topic, own), 0)),
			array_agg(coalesce((
				SELECT max(likewire.newest_order(t.topic, o.region)) FROM likewire.logs_of_others AS o WHERE o.topic = t.topic
			), 0))
		INTO named, before, orders, remote_orders
		FROM likewire.topics AS t WHERE t.topic = ANY (topics);
		heads := before;
		SELECT coalesce(array_agg(e.topic), '{}') INTO ended FROM likewire.ends AS e WHERE e.topic = ANY (topics);

		FOR nr IN 1 .. cardinality(topics) LOOP
			added := NULL;
			IF kinds[nr] = 'end' THEN
				UPDATE likewire.topics AS t SET ended_at = ats[nr], changed = pg_current_xact_id()
				WHERE t.topic = topics[nr] AND t.ended_at = 0;
				outcomes := outcomes || json_build_array(CASE WHEN FOUND THEN 'ended' ELSE 'endedBefore' END, NULL);
				IF FOUND THEN
					INSERT INTO likewire.endings (at, topic) VALUES (ats[nr], topics[nr]) ON CONFLICT DO NOTHING;
				END IF;
				ended := ended || topics[nr];
				CONTINUE;
			END IF;

			IF kinds[nr] = 'delete' THEN
				-- Two regions may have numbered comments with the same id: see commentToDelete.
				-- A deletion may arrive before its comment: the comment then counts as erased.
				SELECT array_agg(DISTINCT CASE l.kind WHEN 'comment-deleted' THEN l.data::json ->> 'user' ELSE l.author END)
				INTO authors_known FROM likewire.log AS l
				WHERE l.topic = topics[nr] AND l.id = ids[nr] AND l.kind IN ('comment', 'erased', 'comment-deleted');
				SELECT * INTO known FROM likewire.log AS l
				WHERE l.topic = topics[nr] AND l.id = ids[nr] AND l.kind IN ('comment', 'erased')
					AND (wanted[nr] IS NULL OR l.author = wanted[nr])
				ORDER BY l.kind = 'erased', l.region <> own, l.region LIMIT 1;
				IF wanted[nr] IS NULL AND cardinality(authors_known) > 1 THEN
					outcome := 'ambiguous';
				ELSIF known.id IS NULL THEN
					SELECT * INTO added FROM likewire.log AS l
					WHERE l.topic = topics[nr] AND l.id = ids[nr] AND l.kind = 'comment-deleted'
						AND (wanted[nr] IS NULL OR l.data::json ->> 'user' = wanted[nr])
					ORDER BY l.region <> own LIMIT 1;
					outcome := CASE
						WHEN added.id IS NOT NULL THEN 'duplicate'
						WHEN authors_known IS NULL OR moderators[nr] THEN 'notFound'
						ELSE 'notAuthor'
					END;
				ELSIF known.kind = 'erased' THEN
					outcome := 'duplicate';
					SELECT * INTO added FROM likewire.log AS l
					WHERE l.topic = topics[nr] AND l.id = ids[nr] AND likewire.erases(l, known)
					ORDER BY l.region <> own LIMIT 1;
					IF added.id IS NULL THEN added := known; END IF;
				ELSE
					outcome := 'added';
					datas[nr] := json_build_object(
						'comment', known.id,
						'epoch', CASE WHEN known.epoch = 0 THEN (SELECT s.epoch FROM likewire.store AS s) ELSE known.epoch END,
						'offset', known.number, 'region', known.region, 'user', known.author
					);
					UPDATE likewire.log AS l SET kind = 'erased', data = '{}', parent = NULL
					WHERE l.topic = known.topic AND l.region = known.region AND l.number = known.number;
				END IF;
			ELSIF EXISTS (SELECT FROM likewire.log AS l WHERE l.topic = topics[nr] AND l.id = ids[nr]) THEN
				-- A deleted comment has no data to compare. If a deletion arrived before its comment, only the deletion is here,
				-- and names the author.
				SELECT * INTO added FROM likewire.log AS l
				WHERE l.topic = topics[nr] AND l.id = ids[nr] AND CASE l.kind
					WHEN 'erased' THEN l.author = authors[nr]
					WHEN 'comment-deleted' THEN events[nr] = 'comment' AND l.data::json ->> 'user' = authors[nr]
					ELSE l.author = authors[nr] AND l.kind = events[nr] AND l.data = datas[nr]
				END
				ORDER BY l.kind = 'comment-deleted', l.kind = 'erased', l.region <> own, l.region LIMIT 1;
				outcome := CASE WHEN added.id IS NULL THEN 'conflict' ELSE 'duplicate' END;
			ELSIF topics[nr] = ANY (ended) THEN
				outcome := 'videoEnded';
			ELSE
				outcome := 'added';
				IF parents[nr] IS NOT NULL THEN
					SELECT * INTO known FROM likewire.log AS l
					WHERE l.topic = topics[nr] AND l.id = parents[nr] AND l.kind = 'comment'
					-- Of several comments with one id, a comment that takes answers.
					ORDER BY l.parent IS NOT NULL LIMIT 1;
					IF known.id IS NULL THEN
						outcome := 'unknownParent';
					ELSIF known.parent IS NOT NULL THEN
						outcome := 'parentIsAnswer';
					END IF;
				END IF;
			END IF;

			IF outcome = 'added' THEN
				place := array_position(named, topics[nr]);
				heads[place] := heads[place] + 1;
				orders[place] := greatest(
					ats[nr] * 1024, orders[place] + 1, least(remote_orders[place], (ats[nr] + 60000) * 1024) + 1
				);
				INSERT INTO likewire.log AS l (topic, region, number, epoch, id, kind, author, at, ord, data, parent)
				VALUES (
					topics[nr], own, heads[place], 0, ids[nr], events[nr], authors[nr], ats[nr], orders[place], datas[nr],
					parents[nr]
				)
				RETURNING l.* INTO added;
			END IF;
			outcomes := outcomes
				|| json_build_array(outcome, CASE WHEN added.id IS NOT NULL THEN likewire.event_of(added) END);
		END LOOP;

		UPDATE likewire.topics AS t SET log_head = h.head, changed = pg_current_xact_id()
		FROM unnest(named, before, heads) AS h (topic, before, head) WHERE t.topic = h.topic AND h.head > h.before;

		RETURN json_build_object('outcomes', outcomes, 'known', likewire.known(topics));
	END
	$$;`;

/**
 * Merges events of other regions' logs.
 *
 * It locks the region first, as `likewire.replicate` does, and then the topics, as `likewire.append` does: each sees the
 * deletions of the other.
 */
export const KEEP_EVENTS_FUNCTION = `
	CREATE FUNCTION likewire.keep_events(
		source_region text, logs text[], epochs bigint[],
		topics text[], numbers bigint[], ids text[], kinds text[], authors text[], ats bigint[], orders bigint[], datas text[],
		parents text[]
	) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		lowest bigint;
	BEGIN
		INSERT INTO likewire.regions AS known (region) VALUES (source_region)
		ON CONFLICT (region) DO UPDATE SET region = excluded.region WHERE false;
		SELECT coalesce(complete_epoch, 0) INTO lowest FROM likewire.regions AS known WHERE known.region = source_region;
		INSERT INTO likewire.topics AS locked (topic)
		SELECT DISTINCT n COLLATE "C" FROM unnest(logs) AS n ORDER BY 1
		ON CONFLICT (topic) DO UPDATE SET topic = excluded.topic WHERE false;

		DELETE FROM likewire.log AS l
		USING unnest(logs, epochs) AS said (topic, epoch), likewire.logs_of_others AS o
		WHERE o.topic = said.topic AND o.region = source_region AND said.epoch >= lowest AND said.epoch > o.epoch
			AND l.topic = o.topic AND l.region = source_region;
		INSERT INTO likewire.logs_of_others AS o (topic, region, epoch, through)
		SELECT said.topic, source_region, said.epoch, 0 FROM unnest(logs, epochs) AS said (topic, epoch)
		WHERE said.epoch >= lowest
		ON CONFLICT (topic, region) DO UPDATE SET epoch = excluded.epoch, through = 0 WHERE excluded.epoch > o.epoch;

		INSERT INTO likewire.log AS l (topic, region, number, epoch, id, kind, author, at, ord, data, parent)
		SELECT e.topic, source_region, e.number, o.epoch, e.id, e.kind, e.author, e.at, e.ord, e.data, e.parent
		FROM unnest(topics, numbers, ids, kinds, authors, ats, orders, datas, parents)
			AS e (topic, number, id, kind, author, at, ord, data, parent)
		JOIN unnest(logs, epochs) AS said (topic, epoch) ON said.topic = e.topic
		JOIN likewire.logs_of_others AS o ON o.topic = e.topic AND o.region = source_region AND o.epoch = said.epoch
		ON CONFLICT (topic, region, number) DO UPDATE SET
			kind = excluded.kind, data = excluded.data, parent = excluded.parent
		WHERE excluded.kind = 'erased';

		-- A deletion may arrive before its comment, so each of the two looks for the other.
		UPDATE likewire.log AS c SET kind = 'erased', data = '{}', parent = NULL
		FROM (
			SELECT DISTINCT e.topic, e.id FROM unnest(topics, ids, kinds) AS e (topic, id, kind)
			WHERE e.kind IN ('comment', 'comment-deleted')
		) AS named
		JOIN likewire.log AS d ON d.topic = named.topic AND d.id = named.id AND d.kind = 'comment-deleted'
		WHERE c.topic = named.topic AND c.id = named.id AND c.kind = 'comment' AND likewire.erases(d, c);

		UPDATE likewire.logs_of_others AS o SET through = reached.number
		FROM (
			SELECT known.topic, max(behind.number) AS number
			FROM likewire.logs_of_others AS known CROSS JOIN LATERAL (
				SELECT l.number, row_number() OVER (ORDER BY l.number) AS place FROM likewire.log AS l
				WHERE l.topic = known.topic AND l.region = source_region AND l.number > known.through
			) AS behind
			WHERE known.topic = ANY (logs) AND known.region = source_region AND behind.number = known.through + behind.place
			GROUP BY known.topic
		) AS reached
		WHERE o.topic = reached.topic AND o.region = source_region;
	END
	$$;`;

/** Stores values in the order of their keys, and at most the allowed number for each topic and kind. */
export const KEEP_VALUES_FUNCTION = `
	CREATE FUNCTION likewire.keep_values(
		topics text[], kinds text[], keys text[], ords double precision[], vals text[], regions text[],
		full_topics text[], full_kinds text[], mosts integer[]
	) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO likewire.registers AS r (topic, kind, key, ord, value, region, changed)
		SELECT v.topic COLLATE "C", v.kind COLLATE "C", v.key COLLATE "C", v.ord, v.value, v.region,
			CASE WHEN v.region = (SELECT s.region FROM likewire.store AS s) THEN pg_current_xact_id() END
		FROM unnest(topics, kinds, keys, ords, vals, regions) AS v (topic, kind, key, ord, value, region)
		ORDER BY 1, 2, 3
		ON CONFLICT (topic, kind, key) DO UPDATE SET
			ord = excluded.ord, value = excluded.value, region = excluded.region, changed = excluded.changed
		WHERE (excluded.ord, excluded.value) > (r.ord, r.value);

		-- Locked values are skipped: another batch gives them a higher order, or removes them itself.
		WITH low AS (
			SELECT rest.topic, rest.kind, rest.key, rest.ord
			FROM unnest(full_topics, full_kinds, mosts) AS f (topic, kind, most) CROSS JOIN LATERAL (
				SELECT o.topic, o.kind, o.key, o.ord FROM likewire.registers AS o
				WHERE o.topic = f.topic AND o.kind = f.kind ORDER BY o.ord DESC, o.key OFFSET f.most
			) AS rest
		),
		locked AS (
			SELECT r.topic, r.kind, r.key FROM low JOIN likewire.registers AS r USING (topic, kind, key, ord)
			FOR UPDATE OF r SKIP LOCKED
		)
		DELETE FROM likewire.registers AS r USING locked
		WHERE r.topic = locked.topic AND r.kind = locked.kind AND r.key = locked.key;
	END
	$$;`;
