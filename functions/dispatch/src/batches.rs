//! What one call takes of what is to be sent.

/// The items of `items` in their order, as few batches as may be: each of at most ten items, which is what
/// both services take at once, and of at most `bytes`, by the size that `size` gives an item. An item that is
/// larger has a batch of its own.
pub(crate) fn batches<T>(
    items: impl IntoIterator<Item = T>,
    bytes: usize,
    size: impl Fn(&T) -> usize,
) -> Vec<Vec<T>> {
    const MOST: usize = 10;
    let (mut batches, mut batch, mut total) = (Vec::new(), Vec::new(), 0);
    for item in items {
        let more = size(&item);
        if batch.len() == MOST || (!batch.is_empty() && total + more > bytes) {
            batches.push(std::mem::take(&mut batch));
            total = 0;
        }
        total += more;
        batch.push(item);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_of_ten_items_and_so_many_bytes_at_most() {
        for (sizes, expected) in [
            (&[][..], &[][..]),
            (&[1; 10], &[10]),
            (&[1; 21], &[10, 10, 1]),
            (&[60, 40, 1], &[2, 1]),
            (&[60, 41, 59, 1], &[1, 2, 1]),
            (&[500, 1, 500], &[1, 1, 1]),
        ] {
            let batches = batches(sizes.iter().copied(), 100, |size| *size);
            let lengths: Vec<_> = batches.iter().map(Vec::len).collect();
            assert_eq!(lengths, expected, "{sizes:?}");
            assert_eq!(batches.concat(), sizes, "in order");
        }
    }
}
