import type { Migration } from '../migrate.js';

export const whatPlaceholdersNeed: Migration = {
  number: 23,
  name: 'what-placeholders-need',
  sql: `
    -- A placeholder waits for things of any kind that is copied to sites, of which images are one.
    update job
       set input = input - 'imageIds' || jsonb_build_object('awaited',
         (select coalesce(jsonb_agg(jsonb_build_object('kind', 'image', 'id', image.value)), '[]')
            from jsonb_array_elements_text(input->'imageIds') as image(value)))
     where input ? 'imageIds';
    -- Nothing was ever kept in it.
    drop table setting;
  `,
};
