// Mongoose by its documentation: a schema, Model.create() and findById(); `lean` for documents that are only read.
import { packages, serve, store } from './job.mjs';

const mongoose = packages('mongoose')('mongoose');
const person = '01020304-0506-7008-800a-0b0c0d0e0f10';
const entries = new mongoose.Schema({
    user_id: mongoose.Schema.Types.UUID,
    action: { type: String, required: true, maxlength: 64 },
    target_id: mongoose.Schema.Types.UUID,
    metadata: mongoose.Schema.Types.Mixed,
    timestamp: { type: Date, required: true },
    session_id: { type: String, maxlength: 64 },
    number: Number,
}, { versionKey: false, autoIndex: false, collection: process.env.HC_PEER_COLLECTION });
const Entry = mongoose.model('Entry', entries);
const metadata = '{"device":"mobile","duration_seconds":45}';
const written = [];

await mongoose.connect(store, { writeConcern: { w: 'majority', j: true } });

// As many as the bench asks for, written before, in an order that is not theirs.
async function read(first, count, find) {
    let rows = 0;
    for (let i = first; i < first + count; i++) {
        const entry = await find(written[(i * 7919) % written.length]);
        rows += entry.action.length > 0 && entry.metadata.duration_seconds === 45 ? 1 : 0;
    }
    return { rows };
}

await serve(`Mongoose ${mongoose.version}`, {
    async insert(first, count) {
        for (let i = first; i < first + count; i++) {
            const entry = await Entry.create({
                user_id: person, action: 'view_property', target_id: person, metadata: JSON.parse(metadata),
                timestamp: new Date(1790000000000 + i), session_id: 'visit-4f2a91c07b', number: i,
            });
            if (written.length < 2000) written.push(entry._id);
        }
        return { rows: count };
    },
    get: (first, count) => read(first, count, (id) => Entry.findById(id)),
    lean: (first, count) => read(first, count, (id) => Entry.findById(id).lean()),
});
