CREATE TABLE root (
    -- A folder that the user named.
    id     INTEGER PRIMARY KEY,
    path   BLOB    NOT NULL UNIQUE,                -- absolute, the bytes of the operating system
    device INTEGER NOT NULL,                       -- st_dev at the last walk, 0 where unknown
    state  TEXT    NOT NULL CHECK (state IN ('online', 'offline')),
    walked INTEGER NOT NULL                        -- end of the last full walk that changed a row, Unix nanoseconds, 0 for never
) STRICT;
CREATE TABLE folder (
    -- A folder below a root; its path once, so that file rows are short.
    id     INTEGER PRIMARY KEY,
    root   INTEGER NOT NULL REFERENCES root (id) ON DELETE CASCADE,
    path   BLOB    NOT NULL,                       -- relative to the root, empty for the root itself
    device INTEGER NOT NULL,                       -- st_dev of a mount point inside the root, 0 for an ordinary folder
    state  TEXT    NOT NULL CHECK (state IN ('online', 'offline')),
    ok     INTEGER NOT NULL DEFAULT 0,             -- how many of its files are so; see tally
    failed INTEGER NOT NULL DEFAULT 0,
    other  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (root, path)                            -- the folders of a root in the order of a walk
) STRICT;
CREATE INDEX folder_offline -- which mount points hide their files
    ON folder (root, path) WHERE state = 'offline';
CREATE TABLE file (
    -- A name in a folder. Clustered by folder, so that a folder is one range read.
    folder  INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    name    BLOB    NOT NULL,
    size    INTEGER NOT NULL,                      -- bytes
    mtime   INTEGER NOT NULL,                      -- Unix nanoseconds
    ctime   INTEGER NOT NULL,                      -- Unix nanoseconds, 0 where the platform has none
    inode   INTEGER NOT NULL,                      -- a hint, 0 where the platform has none
    device  INTEGER NOT NULL,                      -- a hint
    content INTEGER REFERENCES content (id),       -- null: could not be read, or is no picture
    state   TEXT    NOT NULL CHECK (state IN ('ok', 'failed', 'other')), -- other: no picture, kept so that it is not opened again
    racy    INTEGER NOT NULL CHECK (racy IN (0, 1)), -- 1: modified within two seconds of being read, hash again
    reason  TEXT    NOT NULL,                      -- why it failed; empty otherwise
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_content -- the files of a content
    ON file (content) WHERE content IS NOT NULL;
CREATE INDEX file_inode -- was this file moved here?
    ON file (inode, device) WHERE inode <> 0;
CREATE INDEX file_failed -- why files failed
    ON file (reason) WHERE state = 'failed';
CREATE TABLE content (
    -- A sequence of bytes. Ids are never used again, so that postings of what was pruned point nowhere.
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    hash     BLOB    NOT NULL UNIQUE,              -- BLAKE3, 32 bytes
    size     INTEGER NOT NULL,                     -- bytes
    picture  BLOB,                                 -- BLAKE3 of the picture data alone, where the format has one
    width    INTEGER NOT NULL,                     -- upright, pixels; 0 where unknown
    height   INTEGER NOT NULL,
    format   TEXT    NOT NULL,                     -- by content, whatever the name says
    decoder  TEXT    NOT NULL,                     -- who decoded it
    source   TEXT    NOT NULL,                     -- full or preview
    damaged  REAL    NOT NULL,                     -- share that could not be decoded, 0 to 1
    taken    INTEGER NOT NULL,                     -- capture time, Unix nanoseconds, 0 where unknown
    camera   TEXT    NOT NULL,
    failure  TEXT    NOT NULL,                     -- why it has no features; empty where it has
    attempt  TEXT    NOT NULL,                     -- decoders and limits of the failed try: when they change, it is tried again
    compared INTEGER NOT NULL,                     -- version of retrieval and judge it was compared with; 0: not yet; -1: not while no file leads to it
    regroup  INTEGER NOT NULL,                     -- 0, or the tick of the transaction that asked for its group to be made anew
    lost     INTEGER NOT NULL                      -- 0, or since when no file leads to it, Unix nanoseconds: pruned after a grace time
) STRICT;
CREATE INDEX content_picture -- same picture in other wrapping
    ON content (picture) WHERE picture IS NOT NULL;
CREATE INDEX content_compared -- what is to be compared
    ON content (compared) WHERE failure = '';
CREATE INDEX content_regroup -- what is to be grouped
    ON content (regroup) WHERE regroup > 0;
CREATE INDEX content_lost -- what may be pruned
    ON content (lost) WHERE lost > 0;
CREATE INDEX content_failed -- what may be tried again
    ON content (id, attempt) WHERE failure <> '';
CREATE TABLE feature (
    -- What a stage knows of a content. With a rowid: to find a key among rows of 13 KB without one, SQLite reads
    -- whole rows.
    id      INTEGER PRIMARY KEY,
    content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    stage   TEXT    NOT NULL,
    version INTEGER NOT NULL,                      -- of the stage that made it
    bytes   BLOB    NOT NULL,
    UNIQUE (content, stage)
) STRICT;
CREATE INDEX feature_version -- which features are stale
    ON feature (stage, version);
CREATE TABLE posting_run (
    -- Postings (stage x key -> content) are kept in sorted runs: each batch of new contents makes one run of
    -- level 0, four runs of a level are merged into one of the next, until a run is so large that one fills the
    -- memory that a look-up may take.
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    stage   TEXT    NOT NULL,
    version INTEGER NOT NULL,                      -- of the stage; runs of another version are not asked
    level   INTEGER NOT NULL,
    width   INTEGER NOT NULL,                      -- bytes of data beside each posting
    entries INTEGER NOT NULL,                      -- postings in the run
    low     INTEGER NOT NULL,                      -- smallest content id in it: a merge asks only this range for what was pruned
    high    INTEGER NOT NULL,                      -- largest content id
    first   INTEGER NOT NULL UNIQUE,               -- id of its first block; the others follow
    blocks  INTEGER NOT NULL,                      -- how many there are
    keys    BLOB    NOT NULL                       -- the smallest and the largest key of each block
) STRICT;
CREATE INDEX posting_run_stage -- the runs that a look-up asks
    ON posting_run (stage, version, level);
CREATE TABLE posting_block (
    -- A block of a run: 2 KB of postings, sorted by key, content, data. Two fill a page.
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    bytes BLOB    NOT NULL
) STRICT;
CREATE TABLE match (
    -- What was found of two contents; a is the one with the smaller hash.
    a           INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    b           INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL CHECK (kind IN ('pixels', 'near', 'transformed', 'partial', 'none')), -- none: asked directly when groups were made
    probability INTEGER NOT NULL,                  -- that they are copies, millionths
    similarity  INTEGER NOT NULL,                  -- millionths
    contains    INTEGER NOT NULL,                  -- 1: a contains b, -1: b contains a, 0: neither
    transform   BLOB    NOT NULL,                  -- a to b, six float64 big-endian in unit coordinates; empty where there is none
    scores      TEXT    NOT NULL,                  -- what each stage said, JSON
    reason      TEXT    NOT NULL,                  -- the verdict in words
    version     INTEGER NOT NULL,                  -- of retrieval and judge, as in content.compared
    direct      INTEGER NOT NULL CHECK (direct IN (0, 1)), -- 1: no bucket proposed it, a group's representative was asked; it ties no pieces together
    PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_b -- the matches of a content, other side
    ON match (b);
CREATE TABLE cluster (
    -- A group at a sensitivity; its id is the content that stands for it.
    sensitivity TEXT    NOT NULL CHECK (sensitivity IN ('strict', 'normal', 'loose')),
    id          INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    space       INTEGER NOT NULL,                  -- bytes to win when only the best file stays
    similarity  INTEGER NOT NULL,                  -- smallest of its members, millionths
    files       INTEGER NOT NULL,                  -- rows that a report shows
    path        BLOB    NOT NULL,                  -- smallest full path among its files, for the order of a report
    PRIMARY KEY (sensitivity, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cluster_id -- the groups that a content stands for, when it is pruned
    ON cluster (id);
CREATE INDEX cluster_space -- the report's default order
    ON cluster (sensitivity, space DESC, path);
CREATE TABLE grouping (
    -- The contents of a group.
    sensitivity TEXT    NOT NULL,
    cluster     INTEGER NOT NULL,
    content     INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL CHECK (kind IN ('best', 'pixels', 'near', 'transformed', 'partial')), -- what it is to the representative
    similarity  INTEGER NOT NULL,                  -- to the representative, millionths
    transform   BLOB    NOT NULL,                  -- representative to content, as in match
    PRIMARY KEY (sensitivity, cluster, content),
    FOREIGN KEY (sensitivity, cluster) REFERENCES cluster (sensitivity, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX grouping_content -- the groups of a content
    ON grouping (content, sensitivity);
CREATE TABLE decision (
    -- The user's word that two contents are no copies. By hash, so that it outlives everything above.
    a    BLOB    NOT NULL,                         -- the smaller hash
    b    BLOB    NOT NULL,
    made INTEGER NOT NULL,                         -- Unix nanoseconds
    PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;
CREATE TABLE job (
    -- A path to look at again: the durable queue of the watcher.
    path   BLOB    PRIMARY KEY,                    -- absolute
    cause  TEXT    NOT NULL,
    due    INTEGER NOT NULL,                       -- Unix nanoseconds
    tries  INTEGER NOT NULL,
    reason TEXT    NOT NULL                        -- why the last try did not succeed
) STRICT, WITHOUT ROWID;
CREATE INDEX job_due -- what is due
    ON job (due);
CREATE TABLE scan (
    -- A scan that changed something, for `status`.
    id      INTEGER PRIMARY KEY,
    started INTEGER NOT NULL,                      -- Unix nanoseconds
    ended   INTEGER NOT NULL,
    summary TEXT    NOT NULL                       -- JSON
) STRICT;
CREATE TABLE tally (
    -- How many rows of a kind a table has, since counting a million takes a second. Files are counted in the rows of
    -- their folders. Rows that come are counted by who stores them, once for a transaction (index/tally.go): a trigger
    -- for each would make storing a tenth dearer. Rows that change or go are counted by the triggers below.
    subject TEXT    NOT NULL,                      -- the table
    name    TEXT    NOT NULL,                      -- content: new, compared or failed; feature: stage; match: kind; cluster: sensitivity
    detail  INTEGER NOT NULL,                      -- content: 1 where it is to be grouped; feature: version of the stage; else 0
    n       INTEGER NOT NULL,                      -- 0 where all have gone
    PRIMARY KEY (subject, name, detail)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER posting_run_gone AFTER DELETE ON posting_run BEGIN
    DELETE FROM posting_block WHERE id >= old.first AND id < old.first + old.blocks;
END;
CREATE TRIGGER file_goes AFTER DELETE ON file BEGIN
    UPDATE folder SET ok = ok - (old.state = 'ok'), failed = failed - (old.state = 'failed'), other = other - (old.state = 'other')
    WHERE id = old.folder;
END;
CREATE TRIGGER file_turns AFTER UPDATE OF folder, state ON file
WHEN old.folder <> new.folder OR old.state <> new.state BEGIN
    UPDATE folder SET ok = ok - (old.state = 'ok'), failed = failed - (old.state = 'failed'), other = other - (old.state = 'other')
    WHERE id = old.folder;
    UPDATE folder SET ok = ok + (new.state = 'ok'), failed = failed + (new.state = 'failed'), other = other + (new.state = 'other')
    WHERE id = new.folder;
END;
CREATE TRIGGER content_goes AFTER DELETE ON content BEGIN
    INSERT INTO tally VALUES ('content', CASE WHEN old.failure <> '' THEN 'failed' WHEN old.compared = 0 THEN 'new' ELSE 'compared' END, old.regroup > 0, -1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n - 1;
END;
CREATE TRIGGER content_turns AFTER UPDATE OF failure, compared, regroup ON content
WHEN (old.failure = '') <> (new.failure = '') OR (old.compared = 0) <> (new.compared = 0) OR (old.regroup > 0) <> (new.regroup > 0) BEGIN
    INSERT INTO tally VALUES ('content', CASE WHEN old.failure <> '' THEN 'failed' WHEN old.compared = 0 THEN 'new' ELSE 'compared' END, old.regroup > 0, -1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n - 1;
    INSERT INTO tally VALUES ('content', CASE WHEN new.failure <> '' THEN 'failed' WHEN new.compared = 0 THEN 'new' ELSE 'compared' END, new.regroup > 0, 1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER feature_goes AFTER DELETE ON feature BEGIN
    INSERT INTO tally VALUES ('feature', old.stage, old.version, -1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n - 1;
END;
CREATE TRIGGER feature_turns AFTER UPDATE OF stage, version ON feature
WHEN old.stage <> new.stage OR old.version <> new.version BEGIN
    INSERT INTO tally VALUES ('feature', old.stage, old.version, -1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n - 1;
    INSERT INTO tally VALUES ('feature', new.stage, new.version, 1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER match_goes AFTER DELETE ON match BEGIN
    INSERT INTO tally VALUES ('match', old.kind, 0, -1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n - 1;
END;
CREATE TRIGGER match_turns AFTER UPDATE OF kind ON match
WHEN old.kind <> new.kind BEGIN
    INSERT INTO tally VALUES ('match', old.kind, 0, -1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n - 1;
    INSERT INTO tally VALUES ('match', new.kind, 0, 1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER cluster_goes AFTER DELETE ON cluster BEGIN
    INSERT INTO tally VALUES ('cluster', old.sensitivity, 0, -1)
    ON CONFLICT (subject, name, detail) DO UPDATE SET n = n - 1;
END;
