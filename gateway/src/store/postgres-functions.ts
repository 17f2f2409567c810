/**
 * All that is known of videos, as JSON: the epoch of each region that is known to the end, and every row of counts. Of the
 * logs of other regions it is how far they are stored here without holes, or, for `said`, how far the region says they are:
 * see `subjectOf` and `topicOfSubject`.
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
			'counts', (
				SELECT json_agg(json_build_array(video, region, epoch, type, added, removed)) FROM (
					SELECT video, region, epoch, type, added, removed
					FROM likewire.totals, likewire.store WHERE video = ANY (named)
					UNION ALL
					SELECT r.video, r.region, r.epoch, r.type,
						CASE WHEN r.type <> ':log' OR said THEN r.added ELSE least(r.added, coalesce((
							SELECT o.through FROM likewire.logs_of_others AS o
							WHERE o.topic = CASE WHEN r.video LIKE '/%' THEN substr(r.video, 2) ELSE 'video:' || r.video END
								AND o.region = r.region AND o.epoch = r.epoch
						), 0)) END,
						r.removed
					FROM likewire.replicas AS r WHERE r.video = ANY (named)
				) AS counts
			)
		)
	$$;`;

/** The comments of videos that were liked last, of each video at most so many, and all that is known of them: see `commentsOf`. */
export const LIKED_FUNCTION = `
	CREATE FUNCTION likewire.liked(named text[], most integer) RETURNS json LANGUAGE plpgsql STABLE AS $$
	DECLARE
		comments text[];
	BEGIN
		SELECT coalesce(array_agg(liked.video), '{}') INTO comments
		FROM unnest(named) AS n (video) CROSS JOIN LATERAL (
			SELECT said.video FROM (
				SELECT t.video, t.added FROM likewire.totals AS t
				WHERE t.type = ':liked' AND t.video > '/comment:' || n.video || '/' AND t.video < '/comment:' || n.video || '0'
				UNION ALL
				SELECT r.video, r.added FROM likewire.replicas AS r
				WHERE r.type = ':liked' AND r.video > '/comment:' || n.video || '/' AND r.video < '/comment:' || n.video || '0'
			) AS said
			GROUP BY said.video ORDER BY max(said.added) DESC, said.video LIMIT most
		) AS liked;
		RETURN json_build_object('comments', comments, 'known', likewire.known(comments));
	END
	$$;`;

/**
 * Carries out a batch in one transaction and one round trip, one command after the other. Every batch locks its videos in
 * the order of their names before anything else, so batches of several nodes never wait for each other in a circle, and
 * nobody else changes what is known of a video meanwhile. What is new of a video that is over is refused; `closed` says that
 * it is over for this command.
 *
 * A command without a type takes a like back. An outcome is a word, with the id of the like that stands behind 'duplicate'.
 */
export const COMMIT_FUNCTION = `
	CREATE FUNCTION likewire.commit(
		videos text[], ids text[], likers text[], types text[], onces boolean[], closed boolean[], ats bigint[]
	) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE
		outcomes text[] := '{}';
		-- What is added to the totals, an entry for each like that counts or is taken back.
		changed_videos text[] := '{}';
		changed_types text[] := '{}';
		changed_ats bigint[] := '{}';
		changes integer[] := '{}';
		known likewire.likes;
		given text;
		-- Those that are over.
		ended text[];
		over boolean;
		outcome text;
	BEGIN
		-- Rows that a false condition leaves as they are, are locked all the same.
		INSERT INTO likewire.videos AS locked (video)
		SELECT DISTINCT asked.video FROM (
			SELECT a.video COLLATE "C" AS video, a.type FROM unnest(videos, types) AS a (video, type)
		) AS asked
		-- Taking back makes nothing known that was not before.
		WHERE asked.type IS NOT NULL OR EXISTS (SELECT FROM likewire.videos AS v WHERE v.video = asked.video)
		ORDER BY asked.video
		ON CONFLICT (video) DO UPDATE SET video = excluded.video WHERE false;

		SELECT coalesce(array_agg(e.video), '{}') INTO ended FROM likewire.ends AS e WHERE e.video = ANY (videos);

		FOR nr IN 1 .. cardinality(videos) LOOP
			SELECT * INTO known FROM likewire.likes AS l WHERE l.video = videos[nr] AND l.id = ids[nr];
			over := closed[nr] OR videos[nr] = ANY (ended);
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
					-- A video that came to be meanwhile is not locked: another batch may be faster.
					UPDATE likewire.likes AS l SET taken_back_at = ats[nr]
					WHERE l.video = videos[nr] AND l.id = ids[nr] AND l.taken_back_at IS NULL;
					IF FOUND THEN
						DELETE FROM likewire.once AS o
						WHERE o.video = videos[nr] AND o.type = known.type AND o.liker = likers[nr] AND o.id = ids[nr];
						changed_videos := changed_videos || videos[nr];
						changed_types := changed_types || known.type;
						changed_ats := changed_ats || ats[nr];
						changes := changes || -1;
					END IF;
				END IF;
			ELSE
				given := NULL;
				IF onces[nr] THEN
					SELECT o.id INTO given FROM likewire.once AS o
					WHERE o.video = videos[nr] AND o.type = types[nr] AND o.liker = likers[nr];
				END IF;
				IF known.id IS NOT NULL THEN
					outcome := CASE
						WHEN known.liker <> likers[nr] OR known.type <> types[nr] THEN 'conflict'
						ELSE 'duplicate ' || coalesce(given, ids[nr])
					END;
				ELSIF over THEN
					outcome := coalesce('duplicate ' || given, 'videoEnded');
				ELSE
					-- One that does not count is kept: it must not count in place of the one that does.
					INSERT INTO likewire.likes (video, id, liker, type, at, taken_back_at) VALUES
						(videos[nr], ids[nr], likers[nr], types[nr], ats[nr], CASE WHEN given IS NOT NULL THEN 0 END);
					IF given IS NOT NULL THEN
						outcome := 'duplicate ' || given;
					ELSE
						outcome := 'counted';
						IF onces[nr] THEN
							INSERT INTO likewire.once (video, type, liker, id)
							VALUES (videos[nr], types[nr], likers[nr], ids[nr]);
						END IF;
						changed_videos := changed_videos || videos[nr];
						changed_types := changed_types || types[nr];
						changed_ats := changed_ats || ats[nr];
						changes := changes || 1;
					END IF;
				END IF;
			END IF;
			outcomes := outcomes || outcome;
		END LOOP;

		INSERT INTO likewire.totals AS t (video, type, added, removed, changed)
		SELECT c.video, c.type, count(*) FILTER (WHERE c.change > 0), count(*) FILTER (WHERE c.change < 0),
			pg_current_xact_id()
		FROM unnest(changed_videos, changed_types, changes) AS c (video, type, change)
		GROUP BY c.video, c.type
		ON CONFLICT (video, type) DO UPDATE SET
			added = t.added + excluded.added, removed = t.removed + excluded.removed, changed = excluded.changed;
		INSERT INTO likewire.totals AS t (video, type, added, removed, changed)
		SELECT c.video, ':liked', max(c.at), 0, pg_current_xact_id()
		FROM unnest(changed_videos, changed_ats) AS c (video, at) WHERE starts_with(c.video, '/comment:')
		GROUP BY c.video
		ON CONFLICT (video, type) DO UPDATE SET added = greatest(t.added, excluded.added), changed = excluded.changed;

		RETURN json_build_object('outcomes', outcomes, 'known', likewire.known(videos));
	END
	$$;`;

/** Merges what a region says of itself. Locks the region first: two nodes never wait for each other in a circle. */
export const REPLICATE_FUNCTION = `
	CREATE FUNCTION likewire.replicate(
		told_by text, videos text[], types text[], epochs bigint[], added bigint[], removed bigint[],
		since_epoch bigint, since_at text, reached_epoch bigint, reached_at text, last boolean
	) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		lowest bigint;
	BEGIN
		INSERT INTO likewire.regions AS known (region) VALUES (told_by)
		ON CONFLICT (region) DO UPDATE SET region = excluded.region WHERE false;
		SELECT coalesce(complete_epoch, 0) INTO lowest FROM likewire.regions AS known WHERE known.region = told_by;

		INSERT INTO likewire.replicas AS r (video, region, type, epoch, added, removed)
		SELECT t.video, told_by, t.type, t.epoch, t.added, t.removed
		FROM unnest(videos, types, epochs, added, removed) AS t (video, type, epoch, added, removed)
		WHERE t.epoch >= lowest
		ON CONFLICT (video, region, type) DO UPDATE SET
			epoch = excluded.epoch,
			added = CASE WHEN excluded.epoch > r.epoch THEN excluded.added ELSE greatest(r.added, excluded.added) END,
			removed = CASE WHEN excluded.epoch > r.epoch THEN excluded.removed ELSE greatest(r.removed, excluded.removed) END
		WHERE excluded.epoch > r.epoch
			OR excluded.epoch = r.epoch AND (excluded.added > r.added OR excluded.removed > r.removed);

		IF reached_epoch IS NULL THEN RETURN; END IF;
		-- The row is locked, so nobody moves it meanwhile.
		PERFORM FROM likewire.regions AS known WHERE known.region = told_by
			AND known.epoch IS NOT DISTINCT FROM since_epoch AND known.at IS NOT DISTINCT FROM since_at;
		IF NOT FOUND THEN RETURN; END IF;
		UPDATE likewire.regions AS known SET epoch = reached_epoch, at = reached_at
		WHERE known.region = told_by AND (known.epoch IS NULL OR known.epoch <= reached_epoch);
		IF last AND reached_epoch > lowest THEN
			UPDATE likewire.regions AS known SET complete_epoch = reached_epoch WHERE known.region = told_by;
			DELETE FROM likewire.replicas AS r WHERE r.region = told_by AND r.epoch < reached_epoch;
			DELETE FROM likewire.log AS l WHERE l.region = told_by AND l.epoch > 0 AND l.epoch < reached_epoch;
			DELETE FROM likewire.logs_of_others AS o WHERE o.region = told_by AND o.epoch < reached_epoch;
		END IF;
	END
	$$;`;
