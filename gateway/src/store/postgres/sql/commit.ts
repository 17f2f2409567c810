/**
 * Returns the rows of topics as JSON: the epochs of complete regions, the rows, and the counters.
 *
 * The head of another region's log is the offset up to which it is stored here without a hole or, with `said`, the head
 * that the region reported.
 */
export const KNOWN_FUNCTION = `
	CREATE FUNCTION likewire.known(named text[], said boolean DEFAULT false) RETURNS json LANGUAGE sql STABLE AS $$
		SELECT json_build_object(
			'epochs', (
				SELECT json_agg(json_build_array(region, epoch)) FROM (
					SELECT region, epoch FROM likewire.store
					UNION ALL
					SELECT region, complete_epoch FROM likewire.regions WHERE complete_epoch IS NOT NULL
				) AS epochs
			),
			'topics', (
				SELECT json_agg(json_build_array(topic, region, epoch, log_head, ended_at, liked_at)) FROM (
					SELECT topic, region, epoch, log_head, ended_at, liked_at
					FROM likewire.topics, likewire.store
					WHERE topic = ANY (named) AND (log_head > 0 OR ended_at > 0 OR liked_at > 0)
					UNION ALL
					SELECT r.topic, r.region, r.epoch,
						CASE WHEN said THEN r.log_head ELSE least(r.log_head, coalesce((
							SELECT o.through FROM likewire.logs_of_others AS o
							WHERE o.topic = r.topic AND o.region = r.region AND o.epoch = r.epoch
						), 0)) END,
						r.ended_at, r.liked_at
					FROM likewire.remote_topics AS r WHERE r.topic = ANY (named)
				) AS topics
			),
			'counts', (
				SELECT json_agg(json_build_array(topic, region, epoch, type, added, removed)) FROM (
					SELECT topic, region, epoch, type, added, removed
					FROM likewire.counters, likewire.store WHERE topic = ANY (named)
					UNION ALL
					SELECT topic, region, epoch, type, added, removed
					FROM likewire.remote_counters WHERE topic = ANY (named)
				) AS counts
			)
		)
	$$;`;

/** Returns the most recently liked comments, at most `most` per video, with their rows: see `commentTopics`. */
export const LIKED_FUNCTION = `
	-- The prefix of the topics of a video's comments, up to the slash.
	CREATE FUNCTION likewire.comments_of(video text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
		SELECT 'comment:' || substr(video, length('video:') + 1)
	$$;

	CREATE FUNCTION likewire.liked(named text[], most integer) RETURNS json LANGUAGE plpgsql STABLE AS $$
	DECLARE
		comments text[];
	BEGIN
		SELECT coalesce(array_agg(liked.topic), '{}') INTO comments
		FROM (SELECT likewire.comments_of(n) AS prefix FROM unnest(named) AS n) AS of_video CROSS JOIN LATERAL (
			SELECT said.topic FROM (
				SELECT t.topic, t.liked_at FROM likewire.topics AS t
				WHERE t.liked_at > 0 AND t.topic > of_video.prefix || '/' AND t.topic < of_video.prefix || '0'
				UNION ALL
				SELECT r.topic, r.liked_at FROM likewire.remote_topics AS r
				WHERE r.liked_at > 0 AND r.topic > of_video.prefix || '/' AND r.topic < of_video.prefix || '0'
			) AS said
			GROUP BY said.topic ORDER BY max(said.liked_at) DESC, said.topic LIMIT most
		) AS liked;
		RETURN json_build_object('comments', comments, 'known', likewire.known(comments));
	END
	$$;`;

/**
 * Carries out the commands of a batch in order, in one transaction and one round trip.
 *
 * Each batch first locks its topics in the order of their names. So batches of several nodes never deadlock, and no other
 * batch changes a topic during this one. It refuses new likes of an ended video; `closed` treats the video as ended for
 * this command.
 *
 * Of a video, it counts each like at the second of its position, and takes it back at the same second. Seconds of
 * commands that take a like back are ignored.
 *
 * A command without a type takes a like back. An outcome is a word; 'duplicate' is followed by the id of the valid like.
 */
export const COMMIT_FUNCTION = `
	CREATE FUNCTION likewire.commit(
		named text[], ids text[], likers text[], types text[], onces boolean[], closed boolean[], ats bigint[], seconds bigint[]
	) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE
		outcomes text[] := '{}';
		-- The changes of the counters, an entry for each like that counts or is taken back.
		changed_topics text[] := '{}';
		changed_types text[] := '{}';
		changed_ats bigint[] := '{}';
		changed_seconds bigint[] := '{}';
		changes integer[] := '{}';
		known likewire.likes;
		given text;
		-- The ended videos.
		ended text[];
		over boolean;
		outcome text;
	BEGIN
		-- A false condition changes no row, but locks it.
		INSERT INTO likewire.topics AS locked (topic)
		SELECT DISTINCT asked.topic FROM (
			SELECT a.topic COLLATE "C" AS topic, a.type FROM unnest(named, types) AS a (topic, type)
		) AS asked
		-- Taking a like back creates no topic.
		WHERE asked.type IS NOT NULL OR EXISTS (SELECT FROM likewire.topics AS t WHERE t.topic = asked.topic)
		ORDER BY asked.topic
		ON CONFLICT (topic) DO UPDATE SET topic = excluded.topic WHERE false;

		SELECT coalesce(array_agg(e.topic), '{}') INTO ended FROM likewire.ends AS e WHERE e.topic = ANY (named);

		FOR nr IN 1 .. cardinality(named) LOOP
			SELECT * INTO known FROM likewire.likes AS l WHERE l.topic = named[nr] AND l.id = ids[nr];
			over := closed[nr] OR named[nr] = ANY (ended);
			IF types[nr] IS NULL THEN
				IF known.id IS NULL THEN
					outcome := CASE WHEN over THEN 'videoEnded' ELSE 'notFound' END;
				ELSIF known.liker <> likers[nr] THEN
					outcome := 'notLiker';
				ELSIF known.taken_back_at = 0 THEN
					outcome := 'notFound';
				ELSIF known.taken_back_at IS NULL AND over THEN
					outcome := 'videoEnded';
				ELSE
					outcome := CASE WHEN known.taken_back_at IS NULL THEN 'takenBack' ELSE 'takenBackBefore' END;
					-- A topic that another batch just created is not locked, so that batch may take the like back first.
					UPDATE likewire.likes AS l SET taken_back_at = ats[nr]
					WHERE l.topic = named[nr] AND l.id = ids[nr] AND l.taken_back_at IS NULL;
					IF FOUND THEN
						DELETE FROM likewire.once AS o
						WHERE o.topic = named[nr] AND o.type = known.type AND o.liker = likers[nr] AND o.id = ids[nr];
						changed_topics := changed_topics || named[nr];
						changed_types := changed_types || known.type;
						changed_ats := changed_ats || ats[nr];
						changed_seconds := changed_seconds || known.second;
						changes := changes || -1;
					END IF;
				END IF;
			ELSE
				given := NULL;
				IF onces[nr] THEN
					SELECT o.id INTO given FROM likewire.once AS o
					WHERE o.topic = named[nr] AND o.type = types[nr] AND o.liker = likers[nr];
				END IF;
				IF known.id IS NOT NULL THEN
					outcome := CASE
						WHEN known.liker <> likers[nr] OR known.type <> types[nr] THEN 'conflict'
						ELSE 'duplicate ' || coalesce(given, ids[nr])
					END;
				ELSIF over THEN
					outcome := coalesce('duplicate ' || given, 'videoEnded');
				ELSE
					-- A like that does not count is stored, so that it never counts in place of the valid one.
					INSERT INTO likewire.likes (topic, id, liker, type, at, second, taken_back_at) VALUES (
						named[nr], ids[nr], likers[nr], types[nr], ats[nr], seconds[nr],
						CASE WHEN given IS NOT NULL THEN 0 END
					);
					IF given IS NOT NULL THEN
						outcome := 'duplicate ' || given;
					ELSE
						outcome := 'counted';
						IF onces[nr] THEN
							INSERT INTO likewire.once (topic, type, liker, id)
							VALUES (named[nr], types[nr], likers[nr], ids[nr]);
						END IF;
						changed_topics := changed_topics || named[nr];
						changed_types := changed_types || types[nr];
						changed_ats := changed_ats || ats[nr];
						changed_seconds := changed_seconds || seconds[nr];
						changes := changes || 1;
					END IF;
				END IF;
			END IF;
			outcomes := outcomes || outcome;
		END LOOP;

		INSERT INTO likewire.counters AS t (topic, type, added, removed)
		SELECT c.topic, c.type, count(*) FILTER (WHERE c.change > 0), count(*) FILTER (WHERE c.change < 0)
		FROM unnest(changed_topics, changed_types, changes) AS c (topic, type, change)
		GROUP BY c.topic, c.type
		ON CONFLICT (topic, type) DO UPDATE SET
			added = t.added + excluded.added, removed = t.removed + excluded.removed;
		INSERT INTO likewire.timeline AS t (topic, second, type, added, removed)
		SELECT c.topic, c.second, c.type, count(*) FILTER (WHERE c.change > 0), count(*) FILTER (WHERE c.change < 0)
		FROM unnest(changed_topics, changed_seconds, changed_types, changes) AS c (topic, second, type, change)
		WHERE starts_with(c.topic, 'video:')
		GROUP BY c.topic, c.second, c.type
		ON CONFLICT (topic, second, type) DO UPDATE SET
			added = t.added + excluded.added, removed = t.removed + excluded.removed;
		UPDATE likewire.topics AS t SET changed = pg_current_xact_id(), liked_at = greatest(t.liked_at, c.liked_at)
		FROM (
			SELECT a.topic, max(CASE WHEN starts_with(a.topic, 'comment:') THEN a.at ELSE 0 END) AS liked_at
			FROM unnest(changed_topics, changed_ats) AS a (topic, at) GROUP BY a.topic
		) AS c WHERE t.topic = c.topic;

		RETURN json_build_object('outcomes', outcomes, 'known', likewire.known(named));
	END
	$$;`;

/** Merges rows of another region. It locks the region first, so that two nodes never deadlock. */
export const REPLICATE_FUNCTION = `
	CREATE FUNCTION likewire.replicate(
		source_region text, topics text[], epochs bigint[], log_heads bigint[], ends_at bigint[], likes_at bigint[],
		counted text[], counted_epochs bigint[], types text[], added bigint[], removed bigint[],
		since_epoch bigint, since_at text, reached_epoch bigint, reached_at text, last boolean
	) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		lowest bigint;
	BEGIN
		INSERT INTO likewire.regions AS known (region) VALUES (source_region)
		ON CONFLICT (region) DO UPDATE SET region = excluded.region WHERE false;
		SELECT coalesce(complete_epoch, 0) INTO lowest FROM likewire.regions AS known WHERE known.region = source_region;

		WITH changed AS (
			INSERT INTO likewire.remote_topics AS r (topic, region, epoch, log_head, ended_at, liked_at)
			SELECT t.topic, source_region, t.epoch, t.log_head, t.ended_at, t.liked_at
			FROM unnest(topics, epochs, log_heads, ends_at, likes_at) AS t (topic, epoch, log_head, ended_at, liked_at)
			WHERE t.epoch >= lowest
			ON CONFLICT (topic, region) DO UPDATE SET
				epoch = excluded.epoch,
				log_head = CASE WHEN excluded.epoch > r.epoch THEN excluded.log_head ELSE greatest(r.log_head, excluded.log_head) END,
				ended_at = CASE WHEN excluded.epoch > r.epoch THEN excluded.ended_at ELSE greatest(r.ended_at, excluded.ended_at) END,
				liked_at = CASE WHEN excluded.epoch > r.epoch THEN excluded.liked_at ELSE greatest(r.liked_at, excluded.liked_at) END
			WHERE excluded.epoch > r.epoch OR excluded.epoch = r.epoch AND (
				excluded.log_head > r.log_head OR excluded.ended_at > r.ended_at OR excluded.liked_at > r.liked_at
			)
			RETURNING r.ended_at, r.topic
		)
		INSERT INTO likewire.endings (at, topic)
		SELECT c.ended_at, c.topic FROM changed AS c WHERE c.ended_at > 0 ON CONFLICT DO NOTHING;

		INSERT INTO likewire.remote_counters AS r (topic, region, type, epoch, added, removed)
		SELECT c.topic, source_region, c.type, c.epoch, c.added, c.removed
		FROM unnest(counted, counted_epochs, types, added, removed) AS c (topic, epoch, type, added, removed)
		WHERE c.epoch >= lowest
		ON CONFLICT (topic, region, type) DO UPDATE SET
			epoch = excluded.epoch,
			added = CASE WHEN excluded.epoch > r.epoch THEN excluded.added ELSE greatest(r.added, excluded.added) END,
			removed = CASE WHEN excluded.epoch > r.epoch THEN excluded.removed ELSE greatest(r.removed, excluded.removed) END
		WHERE excluded.epoch > r.epoch
			OR excluded.epoch = r.epoch AND (excluded.added > r.added OR excluded.removed > r.removed);

		IF reached_epoch IS NULL THEN RETURN; END IF;
		-- The row is locked, so no other node changes the position.
		PERFORM FROM likewire.regions AS known WHERE known.region = source_region
			AND known.epoch IS NOT DISTINCT FROM since_epoch AND known.at IS NOT DISTINCT FROM since_at;
		IF NOT FOUND THEN RETURN; END IF;
		UPDATE likewire.regions AS known SET epoch = reached_epoch, at = reached_at
		WHERE known.region = source_region AND (known.epoch IS NULL OR known.epoch <= reached_epoch);
		IF last AND reached_epoch > lowest THEN
			UPDATE likewire.regions AS known SET complete_epoch = reached_epoch WHERE known.region = source_region;
			DELETE FROM likewire.remote_topics AS r WHERE r.region = source_region AND r.epoch < reached_epoch;
			DELETE FROM likewire.remote_counters AS r WHERE r.region = source_region AND r.epoch < reached_epoch;
			DELETE FROM likewire.log AS l WHERE l.region = source_region AND l.epoch > 0 AND l.epoch < reached_epoch;
			DELETE FROM likewire.logs_of_others AS o WHERE o.region = source_region AND o.epoch < reached_epoch;
		END IF;
	END
	$$;`;
