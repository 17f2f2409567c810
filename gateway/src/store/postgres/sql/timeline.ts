/**
 * Returns a part of the timeline of a topic as JSON: the reactions of each step and type, the second after the
 * part, and the newest second of the topic.
 *
 * Steps are whole, and steps without reactions are left out. The part ends before the step of the row after `most` rows, so
 * its work is bounded; it has at least one step. The second after it is null when the part reaches `before`.
 */
export const TIMELINE_FUNCTION = `
	CREATE FUNCTION likewire.timeline_of(
		named text, since bigint, before bigint, step bigint, most integer
	) RETURNS json LANGUAGE plpgsql STABLE AS $$
	DECLARE
		first bigint;
		beyond bigint;
	BEGIN
		SELECT t.second INTO first FROM likewire.timeline AS t
		WHERE t.topic = named AND t.second >= since AND t.second < before ORDER BY t.second LIMIT 1;
		SELECT t.second INTO beyond FROM likewire.timeline AS t
		WHERE t.topic = named AND t.second >= first AND t.second < before ORDER BY t.second OFFSET most LIMIT 1;
		beyond := greatest(beyond - beyond % step, CASE WHEN beyond IS NOT NULL THEN first - first % step + step END);
		RETURN json_build_object('next', beyond, 'newest', (
			SELECT max(t.second) FROM likewire.timeline AS t WHERE t.topic = named
		), 'sums', (
			SELECT json_agg(json_build_array(s.at, s.type, s.reactions) ORDER BY s.at, s.type) FROM (
				SELECT t.second - t.second % step AS at, t.type, sum(t.added - t.removed) AS reactions
				FROM likewire.timeline AS t
				WHERE t.topic = named AND t.second >= first AND t.second < coalesce(beyond, before)
				GROUP BY t.second - t.second % step, t.type HAVING sum(t.added - t.removed) <> 0
			) AS s
		));
	END
	$$;`;
