import type { Migration } from '../migrate.js';

export const imageCopies: Migration = {
  number: 11,
  name: 'image-copies',
  sql: `
    -- Where else the bytes of an image are than in its home, the site whose record tenants read.
    create table image_copy (
      image_id   text not null,
      site_id    integer not null references site on delete cascade,
      home_id    integer references site on delete set null,  -- null once that site was taken out
      state      text not null check (state in ('waiting', 'copying', 'active', 'failed')),
      is_ours    boolean not null,                   -- the cascade made it; false for one that was found there
      bytes      bigint not null default 0,          -- copied so far
      size       bigint,
      hash       text,                               -- os_hash_value, once it is verified
      source_id  integer references site on delete set null,
      attempts   integer not null default 0,
      cause      text,                               -- why the last attempt failed
      doomed_at  timestamptz,                        -- the image is being deleted
      since      timestamptz not null default now(), -- of the state
      primary key (image_id, site_id)
    );
    create index image_copy_at on image_copy (site_id, state);

    -- Which way an image comes to a site; '' for all images, null for all sites.
    create table image_policy (
      image_id text not null,
      site_id  integer references site on delete cascade,
      way      text not null check (way in ('eager', 'lazy', 'register')),
      unique nulls not distinct (image_id, site_id)
    );

    -- A copy's row in the inventory is not the image that tenants see. The database itself keeps the two tables of one mind:
    -- whoever stores what a site has need not know of copies.
    alter table resource add column is_copy boolean not null default false;
    create function mark_copied_image() returns trigger language plpgsql as $body$
      begin
        new.is_copy := exists (select 1 from image_copy c where c.image_id = new.id and c.site_id = new.site_id);
        return new;
      end $body$;
    create trigger copied_image before insert on resource for each row when (new.kind = 'image')
      execute function mark_copied_image();
    create function mark_image_of_copy() returns trigger language plpgsql as $body$
      begin
        if tg_op = 'INSERT' then
          update resource set is_copy = true where kind = 'image' and id = new.image_id and site_id = new.site_id;
        else
          update resource set is_copy = false where kind = 'image' and id = old.image_id and site_id = old.site_id;
        end if;
        return null;
      end $body$;
    create trigger image_of_copy after insert or delete on image_copy for each row
      execute function mark_image_of_copy();
  `,
};
