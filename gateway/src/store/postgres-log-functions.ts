/** When videos ended, as each region says that is not known to say something else by now. */
export const ENDS_VIEW = `
	CREATE VIEW likewire.ends AS
		SELECT video, added AS at FROM likewire.totals WHERE type = ':ended'
		UNION ALL
		SELECT said.video, said.added FROM likewire.replicas AS said WHERE said.type = ':ended'
			AND said.epoch >= coalesce(
				(SELECT known.complete_epoch FROM likewire.regions AS known WHERE known.region = said.region), 0
			)
			AND NOT EXISTS (
				SELECT FROM likewire.replicas AS newer
				WHERE newer.video = said.video AND newer.region = said.region AND newer.epoch > said.epoch
			);`;

/**
 * Adds events to logs in one transaction and one round trip, one command after the other. Locks the same rows as
 * `likewire.commit`, in the same order: nobody else numbers events of these topics meanwhile.
 *
 * An event as JSON, for `append` and all that reads: number, id, kind, author, time, data as text.
 */
export const APPEND_FUNCTION = `
	CREATE FUNCTION likewire.event_of(one likewire.log) RETURNS json LANGUAGE sql IMMUTABLE AS $$
		SELECT json_build_array(one.number, one.id, one.kind, one.author, one.at, one.data)
	$$;

	CREATE FUNCTION likewire.erase(of_topic text, comment text) RETURNS void LANGUAGE sql AS $$
		UPDATE likewire.log SET kind = 'erased', data = '{}', parent = NULL
		WHERE topic = of_topic AND id = comment AND kind = 'comment'
	$$;

	CREATE FUNCTION likewire.append(
		kinds text[], topics text[], subjects text[], ids text[], authors text[], events text[], datas text[],
		parents text[], moderators boolean[], ats bigint[]
	) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE
		outcomes json[] := '{}';
		own text := (SELECT region FROM likewire.store);
		-- The subjects, each once, with the number of events in its log before, and by now.
		named text[];
		before bigint[];
		heads bigint[];
		ended text[];
		known likewire.log;
		added likewire.log;
		outcome text;
		place integer;
	BEGIN
		-- Rows that a false condition leaves as they are, are locked all the same.
		INSERT INTO likewire.videos AS locked (video)
		SELECT DISTINCT s COLLATE "C" FROM unnest(subjects) AS s ORDER BY 1
		ON CONFLICT (video) DO UPDATE SET video = excluded.video WHERE false;

		SELECT array_agg(s.subject), array_agg(coalesce(t.added, 0)) INTO named, before
		FROM (SELECT DISTINCT unnest(subjects) AS subject) AS s
		LEFT JOIN likewire.totals AS t ON t.video = s.subject AND t.type = ':log';
		heads := before;
		SELECT coalesce(array_agg(e.video), '{}') INTO ended FROM likewire.ends AS e WHERE e.video = ANY (subjects);

		FOR nr IN 1 .. cardinality(topics) LOOP
			added := NULL;
			IF kinds[nr] = 'end' THEN
				INSERT INTO likewire.totals (video, type, added, removed, changed)
				VALUES (subjects[nr], ':ended', ats[nr], 0, pg_current_xact_id()) ON CONFLICT DO NOTHING;
				ended := ended || subjects[nr];
				outcomes := outcomes || json_build_array('ended', NULL);
				CONTINUE;
			END IF;

			-- The same id in two logs is possible; the own one is meant.
			SELECT * INTO known FROM likewire.log AS l
			WHERE l.topic = topics[nr] AND l.id = ids[nr] AND l.kind <> 'comment-deleted' ORDER BY l.region <> own LIMIT 1;
			IF kinds[nr] = 'delete' THEN
				IF known.id IS NULL OR known.kind = 'custom' THEN
					outcome := 'notFound';
				ELSIF known.author <> authors[nr] AND NOT moderators[nr] THEN
					outcome := 'notAuthor';
				ELSIF known.kind = 'erased' THEN
					outcome := 'duplicate';
					SELECT * INTO added FROM likewire.log AS l
					WHERE l.topic = topics[nr] AND l.id = ids[nr] AND l.kind = 'comment-deleted' LIMIT 1;
					IF added.id IS NULL THEN added := known; END IF;
				ELSE
					outcome := 'added';
					PERFORM likewire.erase(topics[nr], ids[nr]);
				END IF;
			ELSIF known.id IS NOT NULL THEN
				-- What was deleted has nothing left to compare.
				IF known.author = authors[nr]
					AND (known.kind = 'erased' OR known.kind = events[nr] AND known.data = datas[nr])
				THEN
					outcome := 'duplicate';
					added := known;
				ELSE
					outcome := 'conflict';
				END IF;
			ELSIF EXISTS (SELECT FROM likewire.log AS l WHERE l.topic = topics[nr] AND l.id = ids[nr]) THEN
				-- A comment of another region that was deleted before it came here.
				outcome := 'conflict';
			ELSIF subjects[nr] = ANY (ended) THEN
				outcome := 'videoEnded';
			ELSE
				outcome := 'added';
				IF parents[nr] IS NOT NULL THEN
					SELECT * INTO known FROM likewire.log AS l
					WHERE l.topic = topics[nr] AND l.id = parents[nr] AND l.kind = 'comment' LIMIT 1;
					IF known.id IS NULL THEN
						outcome := 'unknownParent';
					ELSIF known.parent IS NOT NULL THEN
						outcome := 'parentIsAnswer';
					END IF;
				END IF;
			END IF;

			IF outcome = 'added' THEN
				place := array_position(named, subjects[nr]);
				heads[place] := heads[place] + 1;
				INSERT INTO likewire.log AS l (topic, region, number, epoch, id, kind, author, at, data, parent)
				VALUES (topics[nr], own, heads[place], 0, ids[nr], events[nr], authors[nr], ats[nr], datas[nr], parents[nr])
				RETURNING l.* INTO added;
			END IF;
			outcomes := outcomes
				|| json_build_array(outcome, CASE WHEN added.id IS NOT NULL THEN likewire.event_of(added) END);
		END LOOP;

		INSERT INTO likewire.totals AS t (video, type, added, removed, changed)
		SELECT h.subject, ':log', h.head, 0, pg_current_xact_id()
		FROM unnest(named, before, heads) AS h (subject, before, head) WHERE h.head > h.before
		ON CONFLICT (video, type) DO UPDATE SET added = excluded.added, changed = excluded.changed;

		RETURN json_build_object('outcomes', outcomes, 'known', likewire.known(subjects));
	END
	$$;`;

/**
 * Merges events of other regions' logs. Locks the region first, as `likewire.replicate` does, and then the topics, as
 * `likewire.append` does: what one of them deletes is seen by the other.
 */
export const KEEP_EVENTS_FUNCTION = `
	CREATE FUNCTION likewire.keep_events(
		told_by text, logs text[], subjects text[], epochs bigint[],
		topics text[], numbers bigint[], ids text[], kinds text[], authors text[], ats bigint[], datas text[], parents text[]
	) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		lowest bigint;
	BEGIN
		INSERT INTO likewire.regions AS known (region) VALUES (told_by)
		ON CONFLICT (region) DO UPDATE SET region = excluded.region WHERE false;
		SELECT coalesce(complete_epoch, 0) INTO lowest FROM likewire.regions AS known WHERE known.region = told_by;
		INSERT INTO likewire.videos AS locked (video)
		SELECT DISTINCT s COLLATE "C" FROM unnest(subjects) AS s ORDER BY 1
		ON CONFLICT (video) DO UPDATE SET video = excluded.video WHERE false;

		DELETE FROM likewire.log AS l
		USING unnest(logs, epochs) AS said (topic, epoch), likewire.logs_of_others AS o
		WHERE o.topic = said.topic AND o.region = told_by AND said.epoch >= lowest AND said.epoch > o.epoch
			AND l.topic = o.topic AND l.region = told_by;
		INSERT INTO likewire.logs_of_others AS o (topic, region, epoch, through)
		SELECT said.topic, told_by, said.epoch, 0 FROM unnest(logs, epochs) AS said (topic, epoch)
		WHERE said.epoch >= lowest
		ON CONFLICT (topic, region) DO UPDATE SET epoch = excluded.epoch, through = 0 WHERE excluded.epoch > o.epoch;

		INSERT INTO likewire.log AS l (topic, region, number, epoch, id, kind, author, at, data, parent)
		SELECT e.topic, told_by, e.number, o.epoch, e.id,
			CASE WHEN gone.erased THEN 'erased' ELSE e.kind END, e.author, e.at,
			CASE WHEN gone.erased THEN '{}' ELSE e.data END, CASE WHEN gone.erased THEN NULL ELSE e.parent END
		FROM unnest(topics, numbers, ids, kinds, authors, ats, datas, parents)
			AS e (topic, number, id, kind, author, at, data, parent)
		JOIN unnest(logs, epochs) AS said (topic, epoch) ON said.topic = e.topic
		JOIN likewire.logs_of_others AS o ON o.topic = e.topic AND o.region = told_by AND o.epoch = said.epoch
		CROSS JOIN LATERAL (SELECT e.kind = 'comment' AND EXISTS (
			SELECT FROM likewire.log AS d WHERE d.topic = e.topic AND d.id = e.id AND d.kind = 'comment-deleted'
		) AS erased) AS gone
		ON CONFLICT (topic, region, number) DO UPDATE SET
			kind = excluded.kind, data = excluded.data, parent = excluded.parent
		WHERE excluded.kind = 'erased';

		PERFORM likewire.erase(e.topic, e.id)
		FROM unnest(topics, ids, kinds) AS e (topic, id, kind)
		WHERE e.kind = 'comment-deleted' AND EXISTS (
			SELECT FROM likewire.log AS l WHERE l.topic = e.topic AND l.id = e.id AND l.kind = 'comment-deleted'
		);

		UPDATE likewire.logs_of_others AS o SET through = reached.number
		FROM (
			SELECT known.topic, max(behind.number) AS number
			FROM likewire.logs_of_others AS known CROSS JOIN LATERAL (
				SELECT l.number, row_number() OVER (ORDER BY l.number) AS place FROM likewire.log AS l
				WHERE l.topic = known.topic AND l.region = told_by AND l.number > known.through
			) AS behind
			WHERE known.topic = ANY (logs) AND known.region = told_by AND behind.number = known.through + behind.place
			GROUP BY known.topic
		) AS reached
		WHERE o.topic = reached.topic AND o.region = told_by;
	END
	$$;`;

/** Keeps values, those of a batch in the order of their keys; of each topic and kind as many as there may be. */
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

		-- Nobody is waited for: what another batch changes now is of a higher order by then, or its turn comes with that.
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
