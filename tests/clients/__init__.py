"""What people install and what they install it into: our packages in other people's tools."""
