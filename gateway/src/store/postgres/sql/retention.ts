/**
 * Removes likes of videos that ended before a time, and of their comments.
 *
 * It visits at most `most` videos, so it ends within the time limit of a statement. It skips videos that another node visits.
 */
export const FORGET_FUNCTION = `
	CREATE FUNCTION likewire.likes_about(about text) RETURNS SETOF likewire.likes LANGUAGE sql STABLE AS $$
		SELECT * FROM likewire.likes WHERE topic = about
		UNION ALL
		SELECT * FROM likewire.likes
		WHERE topic > likewire.comments_of(about) || '/' AND topic < likewire.comments_of(about) || '0'
	$$;

	CREATE FUNCTION likewire.forget_likes(ended_before bigint, most integer) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE
		ending likewire.endings;
		looked_at integer := 0;
		forgotten integer := 0;
		of_this integer;
	BEGIN
		FOR ending IN
			SELECT * FROM likewire.endings AS e WHERE e.at < ended_before ORDER BY e.at, e.topic LIMIT most
			FOR UPDATE SKIP LOCKED
		LOOP
			looked_at := looked_at + 1;
			IF EXISTS (SELECT FROM likewire.ends AS e WHERE e.topic = ending.topic AND e.at < ended_before) THEN
				WITH old AS (
					SELECT l.topic, l.id FROM likewire.likes_about(ending.topic) AS l LIMIT most - forgotten
				),
				gone AS (
					DELETE FROM likewire.likes AS l USING old WHERE l.topic = old.topic AND l.id = old.id
					RETURNING l.topic, l.type, l.liker, l.id
				),
				given AS (
					DELETE FROM likewire.once AS o USING gone AS g
					WHERE o.topic = g.topic AND o.type = g.type AND o.liker = g.liker AND o.id = g.id
				)
				SELECT count(*) INTO of_this FROM gone;
				forgotten := forgotten + of_this;
				IF forgotten >= most THEN
					RETURN json_build_object('likes', forgotten, 'more', true);
				END IF;
				-- Another node may still remove them by the end of another region.
				CONTINUE WHEN EXISTS (SELECT FROM likewire.likes_about(ending.topic));
			END IF;
			DELETE FROM likewire.endings AS e WHERE e.at = ending.at AND e.topic = ending.topic;
		END LOOP;
		RETURN json_build_object('likes', forgotten, 'more', looked_at >= most);
	END
	$$;`;
