/** Every end of a video that is said, here or elsewhere, is noted with its time. */
export const NOTE_ENDINGS = `
	CREATE FUNCTION likewire.note_ending() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO likewire.endings (at, video) VALUES (NEW.added, NEW.video) ON CONFLICT DO NOTHING;
		RETURN NULL;
	END
	$$;
	CREATE TRIGGER note_ending AFTER INSERT ON likewire.totals
		FOR EACH ROW WHEN (NEW.type = ':ended') EXECUTE FUNCTION likewire.note_ending();
	CREATE TRIGGER note_ending AFTER INSERT OR UPDATE ON likewire.replicas
		FOR EACH ROW WHEN (NEW.type = ':ended') EXECUTE FUNCTION likewire.note_ending();`;

/**
 * Forgets likes of videos that ended before a time, and of their comments. Looks at no more videos than there may be likes,
 * so it is done within the time that a statement has. Videos that somebody else looks at are left to them.
 */
export const FORGET_FUNCTION = `
	CREATE FUNCTION likewire.likes_about(about text) RETURNS SETOF likewire.likes LANGUAGE sql STABLE AS $$
		SELECT * FROM likewire.likes WHERE video = about
		UNION ALL
		SELECT * FROM likewire.likes WHERE video > '/comment:' || about || '/' AND video < '/comment:' || about || '0'
	$$;

	CREATE FUNCTION likewire.forget_likes(ended_before bigint, most integer) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE
		ending likewire.endings;
		looked_at integer := 0;
		forgotten integer := 0;
		of_this integer;
	BEGIN
		FOR ending IN
			SELECT * FROM likewire.endings AS e WHERE e.at < ended_before ORDER BY e.at, e.video LIMIT most
			FOR UPDATE SKIP LOCKED
		LOOP
			looked_at := looked_at + 1;
			IF EXISTS (SELECT FROM likewire.ends AS e WHERE e.video = ending.video AND e.at < ended_before) THEN
				WITH old AS (
					SELECT l.video, l.id FROM likewire.likes_about(ending.video) AS l LIMIT most - forgotten
				),
				gone AS (
					DELETE FROM likewire.likes AS l USING old WHERE l.video = old.video AND l.id = old.id
					RETURNING l.video, l.type, l.liker, l.id
				),
				given AS (
					DELETE FROM likewire.once AS o USING gone AS g
					WHERE o.video = g.video AND o.type = g.type AND o.liker = g.liker AND o.id = g.id
				)
				SELECT count(*) INTO of_this FROM gone;
				forgotten := forgotten + of_this;
				IF forgotten >= most THEN
					RETURN json_build_object('likes', forgotten, 'more', true);
				END IF;
				-- Who forgets them by the end that another region said may not be through.
				CONTINUE WHEN EXISTS (SELECT FROM likewire.likes_about(ending.video));
			END IF;
			DELETE FROM likewire.endings AS e WHERE e.at = ending.at AND e.video = ending.video;
		END LOOP;
		RETURN json_build_object('likes', forgotten, 'more', looked_at >= most);
	END
	$$;`;
