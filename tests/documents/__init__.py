"""What the documents show, tried: code blocks, the gallery, and the site made of them."""
